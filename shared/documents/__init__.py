"""The documents that users write and the system answers on."""
