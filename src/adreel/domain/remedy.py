"""What a user can change to avoid an error, without saying how: a setting, an option and a request are matters of each door."""

from __future__ import annotations

from enum import StrEnum


class Remedy(StrEnum):
    """Carried by an AdreelError. The command line names the option or setting, the API the request."""

    EXISTING_OUTPUT = "existing output"
    DATA_FOLDER = "data folder"
    DATABASE = "database"
    OWN_FOLDER_OR_DATABASE = "own folder or database"
    OLDER_DATABASE = "older database"
    BUCKET = "bucket"
    BUCKET_REGION = "bucket region"
    BUCKET_PLACE = "bucket and region"
    BUCKET_ADDRESS = "bucket address"
    BUCKET_PUBLIC_ADDRESS = "bucket public address"
    BUCKET_KEYS = "bucket keys"
    BUCKET_ACL = "bucket acl"
    UPLOADED_IMAGES = "uploaded images"
    PROMPT = "prompt"
    IMAGE_COUNT = "image count"
