"""What came to the protocol office is listed, searched and counted without reading all of it"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WORDS = (
    "to_tsvector('simple'::regconfig, translate(coalesce(arrival.sender ->> 'name', '') || ' ' || "
    "coalesce(arrival.sender ->> 'address', '') || ' ' || coalesce(arrival.sender ->> 'tax_code', '') || ' ' || "
    "coalesce(arrival.subject, '') || ' ' || coalesce(arrival.letter_number, '') || ' ' || "
    "coalesce(arrival.number::text, ''), '@.-_/:''\"', '        '))"
)
SPEAKS_OF = "(found -> 'message' -> 'received' ->> 'number')"
ARRIVAL = ("ix_arrival_open", "ix_arrival_arrived", "ix_arrival_entered", "ix_arrival_words", "ix_arrival_speaks_of")
MAIL = ("ix_mail_message_arrival", "ix_mail_message_received", "ix_mail_message_receipts")


def upgrade() -> None:
    still_open = sa.text("state IN ('received', 'registered')")
    op.create_index("ix_arrival_open", "arrival", ["edition_id", "arrived_at", "id"], postgresql_where=still_open)
    op.create_index("ix_arrival_arrived", "arrival", ["edition_id", sa.text("arrived_at DESC"), "id"])
    op.create_index("ix_arrival_entered", "arrival", ["edition_id", "entered_at"])
    op.create_index("ix_arrival_words", "arrival", [sa.text(WORDS)], postgresql_using="gin")
    op.create_index("ix_arrival_speaks_of", "arrival", [sa.text(SPEAKS_OF)])
    op.create_index("ix_mail_message_arrival", "mail_message", ["arrival_id"])
    op.create_index("ix_mail_message_received", "mail_message", ["edition_id", "received_at"])
    receipts = sa.text("state = 'receipt'")
    op.create_index(
        "ix_mail_message_receipts",
        "mail_message",
        ["edition_id", sa.text("received_at DESC"), "id"],
        postgresql_where=receipts,
    )


def downgrade() -> None:
    for index in MAIL:
        op.drop_index(index, "mail_message")
    for index in ARRIVAL:
        op.drop_index(index, "arrival")
