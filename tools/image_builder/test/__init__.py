"""tools/image test: the image in a virtual machine, beside a lab with a registrar."""
