"""A step bears the day on which it is taken: earlier or later days only where a played clock is announced.

Demonstrations and tests play months of procedure in minutes; they say so for their session
(`cases.clock.played`). Ten minutes after midnight the day before still counts: a form may have been open.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION cases_check_day() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    latest date := (NEW.at AT TIME ZONE 'Asia/Shanghai')::date;
    earliest date := ((NEW.at - interval '10 minutes') AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    IF NEW.day NOT BETWEEN earliest AND latest
       AND current_setting('chengxin.played_clock', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'a step of % is dated %', latest, NEW.day USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_day BEFORE INSERT ON cases_step FOR EACH ROW EXECUTE FUNCTION cases_check_day();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_guards")]
    operations = [
        migrations.RunSQL(GUARD, "DROP TRIGGER check_day ON cases_step; DROP FUNCTION cases_check_day();"),
    ]
