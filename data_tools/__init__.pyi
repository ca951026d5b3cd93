from data_tools.conversion.converter import convert as convert
from data_tools.detector.combination import Effects as Effects
from data_tools.detector.loading import load_effects as load_effects
from data_tools.tfrecords.batches import BatchOptions as BatchOptions
from data_tools.tfrecords.dataset import Dataset as Dataset
from data_tools.tfrecords.dataset import open_dataset as open_dataset
