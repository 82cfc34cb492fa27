"""What came on one day is found by its day"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_returned_document_received", "returned_document", ["received_at"])
    op.create_index("ix_receipt_created", "receipt", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_receipt_created", "receipt")
    op.drop_index("ix_returned_document_received", "returned_document")
