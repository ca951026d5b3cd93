"""Every question about the backend of Keras: kernels, devices, precision, memory, versions, and who makes batches."""
