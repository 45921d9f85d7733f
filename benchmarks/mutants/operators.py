"""The possible changes: those of cosmic-ray's operators that look like people's mistakes, and one of our own.

Places that no test can be expected to check are left alone: annotations, decorators, log calls, `strict=` of a `zip`.
"""

from collections.abc import Iterator
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator
from parso import parse


def _named(names: str) -> dict[str, Operator]:
    return {name: get_operator(f"core/{name}")() for name in names.split()}


class DropStatement(Operator):
    """Replaces a statement of a function with `pass`: a call, an early return, a raise, or a lasting assignment."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """The start and end of such statements."""
        if node.parent is not None and node.parent.type == "simple_stmt" and _is_missed(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Replace the statement."""
        assert index == 0
        return parse(f"{node.get_first_leaf().prefix}pass")

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Examples for cosmic-ray."""
        return (Example("def f():\n    x.append(1)\n", "def f():\n    pass\n"),)


def _is_missed(statement: Any) -> bool:
    """Whether the function probably still runs without an error if the statement is removed."""
    above = [one.type for one in _above(statement)]
    if "funcdef" not in above:
        return False
    if statement.type == "return_stmt":
        return bool(
            {"if_stmt", "for_stmt", "while_stmt", "try_stmt", "with_stmt"} & set(above[: above.index("funcdef")])
        )
    if statement.type == "expr_stmt":
        target = statement.children[0]
        function = next(one for one in _above(statement) if one.type == "funcdef")
        how = statement.children[1]
        stays = target.type in {"atom_expr", "power"} or (how.type == "operator" and how.value != "=")
        return stays and function.name.value != "__init__"
    return statement.type in {"atom_expr", "power", "raise_stmt"}


KINDS: dict[str, dict[str, Operator]] = {
    "comparison": _named(
        "ReplaceComparisonOperator_Lt_LtE ReplaceComparisonOperator_LtE_Lt ReplaceComparisonOperator_Gt_GtE"
        " ReplaceComparisonOperator_GtE_Gt ReplaceComparisonOperator_Eq_NotEq ReplaceComparisonOperator_NotEq_Eq"
        " ReplaceComparisonOperator_Is_IsNot ReplaceComparisonOperator_IsNot_Is"
    ),
    "arithmetic": _named(
        "ReplaceBinaryOperator_Add_Sub ReplaceBinaryOperator_Sub_Add ReplaceBinaryOperator_Mul_Div"
        " ReplaceBinaryOperator_Div_Mul ReplaceBinaryOperator_FloorDiv_Mul ReplaceBinaryOperator_Mod_Mul"
        " ReplaceBinaryOperator_Pow_Mul ReplaceBinaryOperator_BitOr_BitAnd ReplaceBinaryOperator_BitAnd_BitOr"
        " ReplaceUnaryOperator_USub_UAdd"
    ),
    "number": _named("NumberReplacer"),
    "condition": _named("AddNot ReplaceUnaryOperator_Delete_Not"),
    "logic": _named("ReplaceAndWithOr ReplaceOrWithAnd ReplaceTrueWithFalse ReplaceFalseWithTrue"),
    "loop": _named("ReplaceBreakWithContinue ReplaceContinueWithBreak ZeroIterationForLoop"),
    "statement": {"DropStatement": DropStatement()},
}
"""Kinds of mistakes. In a sample each is equally likely, however many places there are for it."""
_OPERATORS = {name: operator for kind in KINDS.values() for name, operator in kind.items()}

Mutation = tuple[str, int]
"""The name of an operator, and the number of its occurrence in the file."""


def sites(source: str) -> Iterator[tuple[str, int, Mutation]]:
    """All possible changes, each with its kind and line."""
    counts = dict.fromkeys(_OPERATORS, 0)
    for node in ast_nodes(get_ast(source)):
        for kind, operators in KINDS.items():
            for name, operator in operators.items():
                for (line, _), _ in operator.mutation_positions(node):
                    if _is_held(node):
                        yield kind, line, (name, counts[name])
                    counts[name] += 1


def changed(source: str, change: Mutation) -> str:
    """The source with this change."""
    name, occurrence = change
    after = mutate_code(source, _OPERATORS[name], occurrence)
    assert after is not None, f"{name} has no occurrence {occurrence}"
    return after


def _is_held(node: Any) -> bool:
    return not any(_is_annotation(one) or _is_left_alone(one) for one in (node, *_above(node)))


def _above(node: Any) -> Iterator[Any]:
    while (node := node.parent) is not None:
        yield node


def _is_annotation(node: Any) -> bool:
    above = node.parent
    if above is None:
        return False
    if above.type == "funcdef":
        return node is above.annotation
    return above.type in {"annassign", "tfpdef"} and node is above.children[1 if above.type == "annassign" else 2]


def _is_left_alone(node: Any) -> bool:
    if node.type == "decorator" or (node.parent is not None and node.parent.type == "parameters"):
        return True
    if node.type == "argument":
        return node.children[0].get_code().strip() == "strict"
    return node.type in {"atom_expr", "power"} and node.get_first_leaf().value in {"_log", "log"}
