"""Trunkline's lab: network namespaces with a real registrar and name server, and the appliance.

tools/run drives it for people and scripts, tests/lab for the tests. Python's standard library and
PyYAML alone.
"""
