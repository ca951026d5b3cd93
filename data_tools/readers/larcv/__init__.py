"""LArCV files of every generation: LArCV1 and LArCV2 in ROOT, LArCV3 in HDF5."""
