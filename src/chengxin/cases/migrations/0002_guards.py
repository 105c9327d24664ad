"""Steps and documents are append-only, and a step goes on from the one before it: in state, number and time."""

from django.db import migrations

from chengxin.ledger.guards import append_only

GUARD = """
CREATE FUNCTION cases_check_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before cases_step%ROWTYPE;
BEGIN
    IF NEW.number = 1 THEN
        IF NEW.case_id <> NEW.id OR NEW.from_state <> '' THEN
            RAISE EXCEPTION 'a case bears the number of its first step' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT * INTO before FROM cases_step WHERE case_id = NEW.case_id AND number = NEW.number - 1;
    IF NOT FOUND OR before.to_state <> NEW.from_state THEN
        RAISE EXCEPTION 'step % of case % does not go on from the one before', NEW.number, NEW.case_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.at < before.at OR NEW.day < before.day THEN
        RAISE EXCEPTION 'step % of case % is dated before the one before', NEW.number, NEW.case_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decides AND NEW.role <> 'system' AND (NEW."user" IS NULL OR EXISTS (
            SELECT FROM cases_step opened
            WHERE opened.case_id = NEW.case_id AND opened.number = 1 AND opened."user" = NEW."user")) THEN
        RAISE EXCEPTION 'a decision is signed by a person other than who opened the case'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_step BEFORE INSERT ON cases_step FOR EACH ROW EXECUTE FUNCTION cases_check_step();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("ledger", "0002_guards")]
    operations = [
        append_only("cases_step"),
        append_only("cases_document"),
        migrations.RunSQL(GUARD, "DROP TRIGGER check_step ON cases_step; DROP FUNCTION cases_check_step();"),
    ]
