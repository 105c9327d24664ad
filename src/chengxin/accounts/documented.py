"""docs/permissions.md, made from the table: `python -m chengxin.accounts.documented`."""

from __future__ import annotations

from pathlib import Path

from chengxin.accounts.permissions import actions, roles

SCOPE_WORDS = {
    "all": ("全部", "all", "不限范围", "everywhere"),
    "region": (
        "本地区", "region",
        "角色所在地区及其下属地区的主体",
        "subjects of the region for which the role was given and those below it",
    ),
    "organisation": (
        "本单位", "organisation",
        "本单位的批次、人员、密钥，以及在本平台开店的主体",
        "the own organisation's batches, people and keys, and shops on its platform",
    ),
    "self": ("本人", "self", "本人（本单位）这一个主体", "the one subject for which the person acts"),
}  # fmt: skip
"""Each scope: its word in Chinese and English, and what it means in both."""

PAGE = Path(__file__).parents[3] / "docs" / "permissions.md"


def text() -> str:
    """The page."""
    lines = [
        "# Who may do what",
        "",
        "Made from [permissions.toml](../src/chengxin/accounts/permissions.toml), which the code reads; a",
        "test holds the two side by side. What is not named here is refused. The site shows the same at",
        "`/permissions`.",
        "",
        "How far a role goes with an action:",
        "",
        *(f"- **{word[0]} {word[1]}**: {word[2]} / {word[3]}" for word in SCOPE_WORDS.values()),
        "",
        "Roles marked * can't be used without a second factor.",
        "",
    ]
    for action in actions().values():
        lines += [f"## {action.zh} · {action.en}", "", f"`{action.id}`", "", "| role | on |", "|---|---|"]
        for role, scope in action.roles.items():
            held = roles()[role]
            star = "*" if held.second_factor else ""
            lines.append(f"| {held.zh} {held.en}{star} | {SCOPE_WORDS[scope][0]} {SCOPE_WORDS[scope][1]} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Write it."""
    PAGE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
