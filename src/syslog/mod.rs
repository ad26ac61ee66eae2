//! SMART_LIC system messages: recognised in any spelling a device uses.
