// What pages gain where there is JavaScript; all of them work without it.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paper = matchMedia("print");

  // Charts: drawn from the data beside them, in the colours of the stylesheet, again when these change.

  let library;
  const charts = new Map();

  const loaded = (address) => {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => resolve(window.echarts);
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  };

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const english = () => document.documentElement.lang.startsWith("en");

  // Names that wouldn't fit side by side: the bars lie, a name before each.
  const wide = (name) => [...name].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 2 : 1), 0);
  const lying = (data) => data.kind === "bar" && data.categories.length > 3 && data.categories.some((one) => wide(one) > 7);

  function axes(data, soft, line) {
    const text = { color: soft, fontSize: 12 };
    const names = {
      type: "category", data: data.categories, inverse: lying(data),
      axisLabel: lying(data) ? { ...text, interval: 0, width: 132, overflow: "truncate" } : { ...text, hideOverlap: true },
      axisTick: { show: false }, axisLine: { lineStyle: { color: line } },
    };
    const values = {
      type: "value", axisLabel: { ...text, hideOverlap: true },
      splitLine: { lineStyle: { color: line } }, axisLine: { show: false },
    };
    return {
      grid: { left: 8, right: 16, top: data.series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
      xAxis: lying(data) ? values : names,
      yAxis: lying(data) ? names : values,
    };
  }

  function drawing(data) {
    const ink = colour("ink"), soft = colour("soft"), line = colour("line"), surface = colour("surface");
    const round = data.kind === "share";
    const marks = ["circle", "rect", "triangle", "diamond", "pin"];
    const decals = [0, 45, 90, 135, 20].map((degrees) => ({ rotation: (degrees * Math.PI) / 180 }));
    const series = round
      ? [{
          type: "pie", radius: ["40%", "62%"], label: { color: ink, formatter: "{b}\n{d}%", lineHeight: 16 },
          itemStyle: { borderColor: surface, borderWidth: 2 },
          data: data.categories.map((name, at) => ({ name, value: data.series[0].values[at] })),
        }]
      : data.series.map((one, at) => ({
          name: one.name, data: one.values, type: data.kind === "line" ? "line" : "bar",
          stack: data.kind === "stacked" ? "all" : undefined, barMaxWidth: 28, connectNulls: false,
          symbol: marks[at % marks.length], symbolSize: 7, lineStyle: { width: 2, type: at ? "dashed" : "solid" },
          itemStyle: data.kind === "bar" && data.series.length === 1 ? { borderRadius: lying(data) ? [0, 3, 3, 0] : [3, 3, 0, 0] } : {},
        }));
    return {
      animation: !still.matches && !paper.matches,
      animationDuration: 250,
      color: [1, 2, 3, 4, 5, 6].map((at) => colour(`series-${at}`)),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      aria: { enabled: true, label: { description: `${data.title}. ${data.description}` },
              decal: { show: data.kind === "stacked" && matchMedia("(prefers-contrast: more)").matches, decals } },
      tooltip: {
        trigger: round ? "item" : "axis", renderMode: "richText", confine: true,
        backgroundColor: surface, borderColor: line, textStyle: { color: ink, fontSize: 13 },
        valueFormatter: (value) =>
          value == null ? "–" : `${value.toLocaleString("en")}${english() && data.unit !== "%" ? " " : ""}${data.unit}`,
      },
      legend: data.series.length > 1 && !round ? { top: 0, left: 0, textStyle: { color: ink }, icon: "roundRect" } : undefined,
      ...(round ? {} : axes(data, soft, line)),
      series,
    };
  }

  async function draw(place) {
    const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const echarts = await loaded(place.dataset.library);
    place.hidden = false;
    const chart = charts.get(place) ?? echarts.init(place, null, { renderer: "canvas" });
    charts.set(place, chart);
    chart.setOption(drawing(data), true);
    place.setAttribute("aria-label", `${data.title}. ${data.description}`);
  }

  const redraw = () => {
    for (const [place, chart] of charts) {
      if (place.isConnected) draw(place);
      else { chart.dispose(); charts.delete(place); }
    }
  };
  dark.addEventListener("change", redraw);
  paper.addEventListener("change", redraw);
  addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize()));
  const widths = new ResizeObserver((seen) => seen.forEach((one) => charts.get(one.target)?.resize()));

  // Files dropped onto the label or the field of a file input with data-drop.

  function droppable(input) {
    const place = input.closest(".field") ?? input.parentElement;
    place.classList.add("drop");
    const over = (is) => (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      place.classList.toggle("over", is);
    };
    place.addEventListener("dragover", over(true));
    place.addEventListener("dragenter", over(true));
    place.addEventListener("dragleave", over(false));
    place.addEventListener("drop", (event) => {
      over(false)(event);
      const files = event.dataTransfer?.files;
      if (!files?.length) return;
      if (files.length > 1 && !input.multiple) {
        const one = new DataTransfer();
        one.items.add(files[0]);
        input.files = one.files;
      } else input.files = files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // What is done once to each part of a page, also to those that come later.

  function prepare(root) {
    all("[data-chart]", root).forEach((place) => { draw(place); widths.observe(place); });
    all("[data-copy]", root).forEach((button) => { button.hidden = false; });
    all("input[type=file][data-drop]", root).forEach(droppable);
    all("[data-print]", root).forEach((button) => { button.hidden = false; });
    root.querySelector?.("[data-focus]")?.focus();
  }

  // data-confirm on a form or its button; data-submit on a form or control: sent as soon as a choice is made.

  document.addEventListener("submit", (event) => {
    const asked = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (asked && !confirm(asked)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  document.addEventListener("change", (event) => {
    const control = event.target;
    if (control.matches?.("select[data-submit], input[data-submit], form[data-submit] select")) control.form?.requestSubmit();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy], [data-print]");
    if (!button) return;
    if ("print" in button.dataset) { print(); return; }
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText((source?.value ?? source?.textContent ?? "").trim());
      const said = button.textContent;
      button.textContent = button.dataset.copied ?? (english() ? "Copied" : "已复制");
      setTimeout(() => { button.textContent = said; }, 2000);
    } catch { source?.focus(); source?.select?.(); }
  });

  // A key presses the control that names it in data-key; "/" goes to the search box. Not while somebody writes.

  const writing = (target) => target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName));

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.isComposing || writing(event.target)) return;
    const control = all("[data-key]").find((one) => one.dataset.key === event.key && !one.disabled);
    if (!control) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const announced = document.querySelector("[data-announce]");
    if (announced) announced.textContent = control.textContent.trim();
    if (control.matches("input, select, textarea")) { control.focus(); control.select?.(); } else control.click();
  });

  // One open menu at a time; Escape and a click elsewhere close it.

  const close = (besides) => all("details.menu[open], details.nav-menu[open]").forEach((one) => {
    if (one !== besides && !one.contains(besides)) one.open = false;
  });
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.activeElement?.closest("details.menu[open], details.nav-menu[open]");
    close(null);
    open?.querySelector("summary")?.focus();
  });

  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) prepare(event.target); });
  prepare(document);
})();
