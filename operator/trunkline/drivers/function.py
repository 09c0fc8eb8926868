"""Lambda functions: code, configuration, published version, alias, concurrency.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
"""

from __future__ import annotations

from trunkline.drivers.function_desired import FileSystem, FunctionDesired, ImageCode, S3Code, ZipCode

__all__ = ["FileSystem", "FunctionDesired", "ImageCode", "S3Code", "ZipCode"]
