"""The number of an arrival changes only once its registration is annulled"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE OR REPLACE FUNCTION keep_arrival_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (OLD.register_code, OLD.year, OLD.number, OLD.registered_at)
       IS DISTINCT FROM (NEW.register_code, NEW.year, NEW.number, NEW.registered_at){unless} THEN
        RAISE EXCEPTION 'the number of an arrival never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$
"""
UNLESS_ANNULLED = """ AND NOT (
           NEW.number IS NOT NULL AND NEW.register_code = OLD.register_code
           AND EXISTS (
               SELECT FROM protocol_register.annulment AS annulled
               WHERE annulled.register = OLD.register_code
                 AND annulled.year = OLD.year AND annulled.number = OLD.number
           )
       )"""


def upgrade() -> None:
    op.execute(sa.text(FUNCTION.format(unless=UNLESS_ANNULLED)))


def downgrade() -> None:
    op.execute(sa.text(FUNCTION.format(unless="")))
