"""Where networks live: one session for each weight file, made when first asked for and kept.

A session runs on two threads.
"""

from __future__ import annotations

import threading
import zipfile
from concurrent.futures import Future
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime as ort
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from stillmotion import assets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

THREADS = 2
"""Threads of one session."""
_LIMIT = 16
"""More than the networks that exist: the cache is bounded, and in practice nothing is ever evicted."""
_QUIET = 4
"""Only fatal messages: weight files carry hundreds of harmless warnings."""

Array = NDArray[np.generic]
Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]

_making = threading.RLock()


class OnnxNetwork:
    """A loaded .onnx or .ort file; safe to call from several threads."""

    def __init__(self, name: str) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = THREADS
        options.inter_op_num_threads = 1
        options.log_severity_level = _QUIET
        # Planned buffers save no time here and take 0.6 GB more for the largest network.
        options.enable_mem_pattern = False
        self._session = ort.InferenceSession(
            str(assets.path(name)), sess_options=options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, inputs: Mapping[str, Array], outputs: Iterable[str] | None = None) -> list[Array]:
        """Run once.

        Args:
            inputs: arrays by input name.
            outputs: names wanted, in order; all of them when None.
        """
        wanted = None if outputs is None else list(outputs)
        return [np.asarray(value) for value in self._session.run(wanted, dict(inputs))]


class LiteNetwork:
    """A loaded .tflite network with one input; calls from several threads wait for each other."""

    def __init__(self, name: str, member: str) -> None:
        with zipfile.ZipFile(assets.path(name)) as bundle:
            content = bundle.read(member)
        # The default delegate is faster by milliseconds and writes to the standard error stream of the whole process.
        plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        self._interpreter = Interpreter(model_content=content, num_threads=THREADS, experimental_op_resolver_type=plain)
        self._interpreter.allocate_tensors()
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs: list[int] = [one["index"] for one in self._interpreter.get_output_details()]
        self._lock = threading.Lock()

    def __call__(self, value: Floats) -> list[Floats]:
        """Run once and return all outputs in the file's order."""
        with self._lock:
            self._interpreter.set_tensor(self._input, value)
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(index).copy() for index in self._outputs]


@lru_cache(maxsize=_LIMIT)
def _onnx(name: str) -> OnnxNetwork:
    return OnnxNetwork(name)


@lru_cache(maxsize=_LIMIT)
def _lite(name: str, member: str) -> LiteNetwork:
    return LiteNetwork(name, member)


def onnx(name: str) -> OnnxNetwork:
    """The network of that asset, loaded now if this is the first call."""
    with _making:
        return _onnx(name)


def lite(name: str, member: str) -> LiteNetwork:
    """The .tflite member of that zipped asset, loaded now if this is the first call."""
    with _making:
        return _lite(name, member)


def warm_up(names: Iterable[str]) -> Future[None]:
    """Load networks in the background, in the given order.

    Args:
        names: assets of .onnx or .ort networks.

    Returns:
        Done when all are loaded; its exception says why one was not. Nobody has to wait for it.
    """
    done: Future[None] = Future()
    threading.Thread(target=_load_all, args=(tuple(names), done), daemon=True, name="warm-up").start()
    return done


def _load_all(names: tuple[str, ...], done: Future[None]) -> None:
    try:
        for name in names:
            onnx(name)
    except Exception as error:  # noqa: BLE001 - handed to whoever waits; the first real use raises it again
        done.set_exception(error)
    else:
        done.set_result(None)
