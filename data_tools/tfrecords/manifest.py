"""manifest.json: what a converted data set holds. It is written last; a directory without one is not a data set."""

import json
import re
from pathlib import Path

from data_tools.defects import DEFECTS
from data_tools.errors import BadManifest, NotADataset
from data_tools.files import sha256_of_json, write_json
from data_tools.particles import classes_from_list

FILE_NAME = "manifest.json"
SCHEMA_VERSION = 1
"""Version of the manifest and of the records of data_tools.tfrecords.schema."""
VALUE_DTYPES = ("float32", "float16")

SHARD_FILE = re.compile(r"[A-Za-z0-9]+-\d{5}-of-\d{5}\.tfrecord")
_KEYS = {
    "schema_version",
    "image_shape",
    "planes",
    "pixel_cm",
    "classes",
    "value_dtype",
    "samples",
    "sources",
    "split",
    "fingerprint",
    "adc",
    "made_with",
}


def fingerprint(manifest):
    """SHA-256 over schema, split rule and shard hashes: what weight cards and run records quote."""
    return sha256_of_json(
        {
            "schema_version": manifest["schema_version"],
            "image_shape": manifest["image_shape"],
            "planes": manifest["planes"],
            "classes": manifest["classes"],
            "value_dtype": manifest["value_dtype"],
            "split": manifest["split"],
            "shards": {
                name: [shard["sha256"] for shard in sample["shards"]] for name, sample in manifest["samples"].items()
            },
        }
    )


def write(directory, manifest):
    """Write the manifest, with its fingerprint, atomically."""
    write_json(Path(directory) / FILE_NAME, {**manifest, "fingerprint": fingerprint(manifest)})


def read(directory):
    """The manifest of a data set, checked. Raises NotADataset or BadManifest."""
    path = Path(directory) / FILE_NAME
    samples = "--sample train=N --sample testA=N --sample testB"
    if not Path(directory).exists():
        raise NotADataset(f"{directory} does not exist. A data set is made with: lartpc-convert INPUT... {samples}")
    if Path(directory).is_file():
        raise NotADataset(
            f"{directory} is a file, not a data set. If it is one of LArCV, convert it first: "
            f"lartpc-convert {directory} --output DIR {samples}"
        )
    if not path.is_file():
        raise NotADataset(
            f"{directory}: no {FILE_NAME}, so this is not a (complete) data set. "
            f"Make one with: lartpc-convert INPUT... --output {directory} {samples}"
        )
    return parse(path.read_bytes(), path)


def parse(text, path):
    """The manifest in `text` (UTF-8 bytes) of the file `path`, checked. Raises BadManifest."""
    try:
        manifest = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadManifest(f"{path}: not JSON ({error}). Convert or copy the data set again.") from error
    _check(path, manifest)
    return manifest


def _check(path, manifest):
    version = manifest.get("schema_version") if isinstance(manifest, dict) else None
    if version != SCHEMA_VERSION:
        raise BadManifest(f"{path}: schema version {version!r}, this version of data_tools reads {SCHEMA_VERSION}.")
    if missing := sorted(_KEYS - set(manifest)):
        raise BadManifest(f"{path}: the keys {missing} are missing. Convert or copy the data set again.")
    if fault := _fault(manifest):
        raise BadManifest(f"{path}: {fault}. Convert or copy the data set again.")
    if _computed_fingerprint(path, manifest) != manifest["fingerprint"]:
        raise BadManifest(f"{path}: its fingerprint does not follow from its content; it was changed by hand.")


def _computed_fingerprint(path, manifest):
    try:
        return fingerprint(manifest)
    except ValueError as error:  # NaN, which JSON of Python lets in
        raise BadManifest(f"{path}: {error}. Convert or copy the data set again.") from error


def _fault(manifest):
    """What is wrong with the content, or None; a manifest is input like any other."""
    shape, planes, samples = manifest["image_shape"], manifest["planes"], manifest["samples"]
    if not (isinstance(shape, list) and len(shape) == 3 and all(type(n) is int and n > 0 for n in shape)):
        return f"image_shape {shape!r} is not [rows, cols, planes]"
    if not (isinstance(planes, list) and len(planes) == shape[2] and all(type(n) is int for n in planes)):
        return f"planes {planes!r} are not {shape[2]} plane ids"
    pixel = manifest["pixel_cm"]
    if pixel is not None and not (isinstance(pixel, list) and len(pixel) == 2 and all(_is_size(n) for n in pixel)):
        return f"pixel_cm {pixel!r} is neither null nor [drift, wire] in cm"
    if manifest["value_dtype"] not in VALUE_DTYPES:
        return f"value_dtype {manifest['value_dtype']!r} is none of {VALUE_DTYPES}"
    try:
        classes_from_list(manifest["classes"])
    except (TypeError, ValueError, OverflowError) as error:
        return f"the classes cannot be read ({error})"
    if not (isinstance(samples, dict) and samples and all(isinstance(sample, dict) for sample in samples.values())):
        return "samples is not {name: description}"
    for name, sample in samples.items():
        shards = sample.get("shards")
        if not (isinstance(shards, list) and shards and all(isinstance(shard, dict) for shard in shards)):
            return f"sample {name} has no list of shards"
        for shard in shards:
            # A name with a path in it could lead out of the directory.
            if not SHARD_FILE.fullmatch(str(shard.get("file"))):
                return f"{shard.get('file')!r} is not the name of a shard"
            if not (
                type(shard.get("events")) is type(shard.get("bytes")) is int and isinstance(shard.get("sha256"), str)
            ):
                return f"shard {shard['file']} lacks its events, bytes or sha256"
        if type(sample.get("labelled")) is not bool:
            return f"sample {name} does not say whether it is labelled"
        if sample.get("events") != sum(shard["events"] for shard in shards):
            return f"the events of sample {name} are not those of its shards"
        if not _are_counts(sample.get("events_per_class")) or not isinstance(sample.get("hits_per_event"), dict):
            return f"sample {name} lacks its events per class or hits per event"
    return _fault_of_sources(manifest)


def _fault_of_sources(manifest):
    sources, made_with = manifest["sources"], manifest["made_with"]
    if not isinstance(manifest["adc"], dict) or not isinstance(manifest["split"], dict):
        return "adc or split is not an object"
    if not isinstance(made_with, dict) or not isinstance(made_with.get("policies"), dict):
        return "made_with does not say the policies"
    for name, policy in made_with["policies"].items():
        if name not in DEFECTS or policy not in DEFECTS[name].policies:
            return f"{name}={policy} is no policy of this version"
    if not (isinstance(sources, list) and sources and all(isinstance(source, dict) for source in sources)):
        return "sources is not a list of descriptions"
    for source in sources:
        whole = all(type(source.get(key)) is int for key in ("entries", "kept", "not_asked_for"))
        if not whole or not isinstance(source.get("path"), str) or not isinstance(source.get("sha256"), str):
            return "a source lacks its path, hash or counts"
        if not _are_counts(source.get("rejected")) or not _are_counts(source.get("noticed")):
            return f"source {source['path']}: rejected or noticed are not counts"
        if not set(source["noticed"]) <= set(DEFECTS) or type(source.get("labelled")) is not bool:
            return f"source {source['path']}: a defect that this version does not know, or labelled is missing"
        if not isinstance(source.get("trees"), list):
            return f"source {source['path']}: trees is not a list"
    return None


def _are_counts(counts):
    return isinstance(counts, dict) and all(type(count) is int for count in counts.values())


def _is_size(number):
    return type(number) in (int, float) and number > 0
