"""Which blob store an installation has, from its settings."""

from app.settings import Settings
from projections.blobs import Blobs
from projections.blobs.postgres import PostgresBlobs
from projections.blobs.s3 import S3Blobs
from projections.database import Pool


def blob_store(settings: Settings, reading: Pool, writing: Pool) -> Blobs:
    """The bucket that was set; else Postgres, read and written through these pools."""
    if settings.blob_url:
        return S3Blobs(settings.blob_url, settings.blob_endpoint)
    return PostgresBlobs(reading, writing)
