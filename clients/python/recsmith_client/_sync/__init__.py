# Written by clients/python/scripts/write_sync.py from the module of this name in _async.
"""The client, written from that for asyncio."""
