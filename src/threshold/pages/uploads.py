"""Files dropped on a page: kept in memory until their media is cut, never written down before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

# All the files of one form together (bytes).
MOST = 10 * 1024 * 1024


class InMemoryOnly(FileUploadHandler):
    """Holds files in memory up to ``MOST`` together; a larger one is skipped, and named in ``too_large``."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.held = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.held += len(raw_data)
        if self.held > MOST:
            self.held -= len(raw_data) + self.content.tell()
            self.content = BytesIO()
            too_large(self.request).append(str(self.file_name))
            raise SkipFile
        self.content.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.content.seek(0)
        return InMemoryUploadedFile(
            self.content, self.field_name, self.file_name, self.content_type or "", file_size, self.charset
        )


def too_large(request: Any) -> list[str]:
    """The names of the files of this request that were too large to take."""
    if not hasattr(request, "files_too_large"):
        request.files_too_large = []
    names: list[str] = request.files_too_large
    return names


@contextmanager
def lying_in_memory(content: bytes) -> Iterator[Path]:
    """A path at which the content can be opened, while it lies in memory alone (Linux)."""
    descriptor = os.memfd_create("upload", os.MFD_CLOEXEC)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as sink:
            sink.write(content)
        yield Path(f"/proc/{os.getpid()}/fd/{descriptor}")
    finally:
        os.close(descriptor)
