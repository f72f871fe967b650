"""Spark through Spark Connect: a company's server or Databricks by its address, or Sail on a laptop."""

from reverse_etl.warehouse.spark.warehouse import SparkWarehouse

__all__ = ["SparkWarehouse"]
