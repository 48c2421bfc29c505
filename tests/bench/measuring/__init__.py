"""What tests/bench/run is made of: the machine, the systems that it measures, the generator beside
them, and the report. What is measured stands in ../rows, a file a row."""
