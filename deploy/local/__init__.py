"""Kafka and MongoDB as two processes on one machine, for laptops and tests without containers."""

from deploy.local.engines import Engines
from deploy.local.ports import free_ports

__all__ = ["Engines", "free_ports"]
