"""`select="momentum > 100 and hits_Y >= 20"`: events kept by what is known of them. Parsed, never run as code."""

import ast
import itertools
import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from data_tools.errors import Argument, BadOption, did_you_mean

_COMPARE: dict[type, Callable] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda left, right: np.isin(left, right),
    ast.NotIn: lambda left, right: ~np.isin(left, right),
}
_ARITHMETIC: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_LOGIC: dict[type, Callable] = {ast.And: np.logical_and, ast.Or: np.logical_or}
_UNARY: dict[type, Callable] = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: np.logical_not}
_FUNCTIONS = {"abs": np.abs}


class Selection:
    """A condition on columns of events: numbers, columns, abs(), + - * /, comparisons, in (...), and, or, not."""

    def __init__(self, text: str, columns: Collection[str]) -> None:
        """Raises BadOption when `text` is no such condition, or names what is none of `columns`."""
        self.text = text
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise BadOption(Argument("select", text), f": not a condition ({error}). {_EXAMPLE}") from error
        self._check(self._tree, columns)
        if not _is_condition(self._tree):
            raise BadOption(Argument("select", text), f": a value, not a condition. {_EXAMPLE}")
        try:
            self(dict.fromkeys(columns, np.ones(1)))
        except (ArithmeticError, TypeError, ValueError) as error:
            raise BadOption(Argument("select", text), f": cannot be computed ({error}). {_EXAMPLE}") from error

    def __call__(self, table: Mapping[str, np.ndarray]) -> np.ndarray:
        """(events,) bool of {column: (events,) array}."""
        size = len(next(iter(table.values())))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.broadcast_to(np.asarray(self._value(self._tree, table), bool), (size,))

    def _check(self, node: Any, columns: Collection[str]) -> None:
        allowed: dict[type, Callable[[], Any]] = {
            ast.BoolOp: lambda: node.values if all(map(_is_condition, node.values)) else None,
            ast.BinOp: lambda: (node.left, node.right) if type(node.op) in _ARITHMETIC else None,
            ast.UnaryOp: lambda: (node.operand,) if _is_condition(node.operand) == _is_not(node) else None,
            ast.Compare: lambda: _compared(node),
            ast.Constant: lambda: () if type(node.value) in (int, float) else None,
            ast.Name: lambda: () if node.id in columns else None,
            ast.Call: lambda: self._arguments(node),
        }
        parts = allowed.get(type(node), lambda: None)()
        if parts is None:
            found = ast.get_source_segment(self.text.strip(), node) or ast.unparse(node)
            hint = did_you_mean(found, columns) if isinstance(node, ast.Name) else ""
            raise BadOption(
                Argument("select", self.text),
                f": {found!r} cannot stand in a condition.{hint} {_EXAMPLE} "
                f"Known are {', '.join(columns)}, abs(...), and, or, not, in (...).",
                choices=columns,
            )
        for part in parts:
            self._check(part, columns)

    @staticmethod
    def _arguments(node: Any) -> list[ast.expr] | None:
        plain = isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and not node.keywords
        return node.args if plain and len(node.args) == 1 else None

    def _value(self, node: Any, table: Mapping[str, np.ndarray]) -> Any:
        match node:
            case ast.Constant():
                value: Any = node.value
                return np.float64(value) if isinstance(value, float) else np.int64(value)
            case ast.Name():
                return table[node.id]
            case ast.Tuple() | ast.List():
                return [ast.literal_eval(element) for element in node.elts]
            case ast.UnaryOp():
                return _UNARY[type(node.op)](self._value(node.operand, table))
            case ast.BinOp():
                return _ARITHMETIC[type(node.op)](self._value(node.left, table), self._value(node.right, table))
            case ast.Call(func=ast.Name(id=name)):
                return _FUNCTIONS[name](self._value(node.args[0], table))
            case ast.BoolOp():
                combine = _LOGIC[type(node.op)]
                result = self._value(node.values[0], table)
                for other in node.values[1:]:
                    result = combine(result, self._value(other, table))
                return result
            case ast.Compare():
                values = [self._value(part, table) for part in (node.left, *node.comparators)]
                each = [_COMPARE[type(op)](*pair) for op, pair in zip(node.ops, itertools.pairwise(values))]
                return np.logical_and.reduce(np.broadcast_arrays(*each))
        raise AssertionError(f"{type(node)} passed the check")


_EXAMPLE = "As in: momentum > 100 and hits_Y >= 20."


def _is_condition(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare | ast.BoolOp) or _is_not(node)


def _is_not(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _compared(node: Any) -> list[ast.expr] | None:
    """The parts of a comparison to check; None unless it is one of values, or of a value and a list of numbers."""
    parts = [node.left]
    for op, right in zip(node.ops, node.comparators):
        if type(op) not in _COMPARE or any(map(_is_condition, (node.left, right))):
            return None
        if isinstance(op, ast.In | ast.NotIn):
            if not (isinstance(right, ast.Tuple | ast.List) and all(map(_is_number, right.elts))) or len(node.ops) > 1:
                return None
        else:
            parts.append(right)
    return parts


def _is_number(node: ast.expr) -> bool:
    try:
        return type(ast.literal_eval(node)) in (int, float)
    except (ValueError, TypeError):
        return False
