"""From Python's tree to a checked program: node by node against a list of what is allowed, and kind by kind."""

import ast
from collections.abc import Sequence
from typing import Any, Final, Literal

from tagmetry.messages import Message, Plural, cut, message
from tagmetry.policy.expressions.functions import FUNCTIONS, MOST_DIGITS, Function, Parameter
from tagmetry.policy.expressions.kinds import BOOLEAN, NUMBER, TEXT, Kind
from tagmetry.policy.expressions.meant import ABOUT, TRUTHS, unknown_function, unknown_name
from tagmetry.policy.expressions.mistakes import Mistakes
from tagmetry.policy.expressions.names import Name, Registry, Scope
from tagmetry.policy.expressions.parsing import Parsed
from tagmetry.policy.expressions.patterns import PatternError, TagPattern, compiled_regex, tag_pattern
from tagmetry.policy.expressions.program import (
    Aggregate,
    Among,
    Arithmetic,
    Call,
    Comparator,
    Compare,
    Logic,
    Negative,
    Node,
    Not,
    Read,
    Sign,
    TagCall,
    Written,
)
from tagmetry.policy.suggestions import did_you_mean

Want = Literal["boolean", "number"]

_SIGNS: Final[dict[type[ast.operator], Sign]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARATORS: Final[dict[type[ast.cmpop], Comparator]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_SHOWN: Final = 60


class Checker:
    """Checks one expression. A part that is wrong gives None, so that what stands around it is not blamed for it."""

    def __init__(self, parsed: Parsed, registry: Registry, mistakes: Mistakes) -> None:
        self._parsed = parsed
        self._registry = registry
        self._mistakes = mistakes
        self._scope: Scope = registry.scope
        self.names: dict[str, Name] = {}
        """Every name that is read."""

    def checked(self, want: Want) -> Node | None:
        tree = self._parsed.tree
        node = self._node(tree)
        if node is None or node.kind.sort == want:
            return node
        said = message("{part} is {found}, where {wanted} is wanted", **self._told(tree, node.kind, want))
        help = _COMPARE_HELP if want == "boolean" else None
        self._mistakes.add("expression-type", said, self._parsed.place(tree), help=help)
        return None

    def _node(self, node: ast.expr) -> Node | None:
        match node:
            case ast.Constant(value=bool() | str() as value):
                return Written(value)
            case ast.Constant(value=int() | float() as value):
                return Written(float(value))
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                return self._signed(operand, negative=isinstance(sign, ast.USub))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self._of_sort(operand, "boolean")
                return None if inner is None else Not(inner)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _SIGNS:
                numbers = self._all_of_sort((left, right), "number")
                return None if numbers is None else Arithmetic(_SIGNS[type(operator)], *numbers)
            case ast.BoolOp(op=word, values=values):
                parts = self._all_of_sort(values, "boolean")
                return None if parts is None else Logic("and" if isinstance(word, ast.And) else "or", tuple(parts))
            case ast.Compare():
                return self._comparison(node)
            case ast.Call():
                return self._call(node)
            case ast.List() | ast.Tuple():
                said = message("a list stands only after in, and in has_any, has_all and tag_count")
            case _:
                said = message("{part} is not allowed", part=self._shown(node))
        self._mistakes.add("expression-not-allowed", said, self._parsed.place(node))
        return None

    # Numbers and truths

    def _signed(self, operand: ast.expr, *, negative: bool) -> Node | None:
        inner = self._of_sort(operand, "number")
        if inner is None or not negative:
            return inner
        if isinstance(inner, Written):
            assert isinstance(inner.value, float)
            return Written(-inner.value)
        return Negative(inner)

    def _of_sort(self, node: ast.expr, sort: Literal["number", "text", "boolean"]) -> Node | None:
        checked = self._node(node)
        if checked is None or checked.kind.sort == sort or (sort == "text" and checked.kind.is_textual):
            return checked
        said = message("{part} is {found}, where {wanted} is wanted", **self._told(node, checked.kind, sort))
        self._mistakes.add("expression-type", said, self._parsed.place(node), help=_sort_help(checked, sort))
        return None

    def _all_of_sort(self, nodes: Sequence[ast.expr], sort: Literal["number", "text", "boolean"]) -> list[Node] | None:
        """All of them are checked before the answer, so that each mistake is told."""
        checked = [self._of_sort(node, sort) for node in nodes]
        found = [node for node in checked if node is not None]
        return found if len(found) == len(nodes) else None

    def _told(self, node: ast.expr, found: Kind, wanted: str) -> dict[str, str]:
        return {"part": self._shown(node), "found": found.in_words, "wanted": _WANTED[wanted]}

    # Comparisons

    def _comparison(self, node: ast.Compare) -> Node | None:
        """A chain `a < b < c` is the pairs of neighbours joined by `and`."""
        operands = [node.left, *node.comparators]
        checked = self._operands(operands, node.ops)
        for inner in operands[1:-1]:
            if isinstance(inner, ast.List | ast.Tuple):
                # What follows the list would be compared with it.
                self._node(inner)
        links: list[Node | None] = []
        for place, operator in enumerate(node.ops):
            left, right = checked[place], checked[place + 1]
            if isinstance(operator, ast.In | ast.NotIn):
                among = self._among(operands[place], left, operands[place + 1])
                links.append(Not(among) if among is not None and isinstance(operator, ast.NotIn) else among)
            elif type(operator) not in _COMPARATORS:
                said = message("{part} is not allowed", part=self._shown(node))
                self._mistakes.add("expression-not-allowed", said, self._parsed.place(node))
                links.append(None)
            elif left is None or right is None:
                links.append(None)
            else:
                pair = (operands[place], operands[place + 1])
                links.append(self._compare(_COMPARATORS[type(operator)], pair, (left, right)))
        found = [link for link in links if link is not None]
        if len(found) < len(links):
            return None
        return found[0] if len(found) == 1 else Logic("and", tuple(found))

    def _operands(self, operands: list[ast.expr], operators: list[ast.cmpop]) -> list[Node | None]:
        """The operands of a chain. Lists after `in` are left to `_among`.

        A bare word that is no name is told last: beside `role` it is one of the roles without its quotes.
        """
        lists = {place + 1 for place, operator in enumerate(operators) if isinstance(operator, ast.In | ast.NotIn)}
        bare = {place for place, operand in enumerate(operands) if self._is_unknown_word(operand)}
        checked: list[Node | None] = [
            None if place in lists | bare else self._node(operand) for place, operand in enumerate(operands)
        ]
        for place in sorted(bare - lists):
            beside = [checked[other] for other in (place - 1, place + 1) if 0 <= other < len(operands)]
            # Beside a text in quotes a name is wanted, beside a name a text.
            named = [node for node in beside if node is not None and not isinstance(node, Written)]
            kinds = [node.kind for node in named if node.kind.is_textual]
            self._add_unknown(operands[place], kinds[0] if kinds else None)
        return checked

    def _compare(
        self, comparator: Comparator, nodes: tuple[ast.expr, ast.expr], sides: tuple[Node, Node]
    ) -> Node | None:
        left, right = sides
        place = (self._parsed.place(nodes[0])[0], self._parsed.place(nodes[1])[1])
        if comparator not in ("==", "!="):
            wrong = [(node, side) for node, side in zip(nodes, sides, strict=True) if side.kind.sort != "number"]
            for node, side in wrong:
                told = self._told(node, side.kind, "number")
                said = message(
                    "{part} is {found}: only numbers are more or less", part=told["part"], found=told["found"]
                )
                self._mistakes.add("expression-type", said, self._parsed.place(node), help=_sort_help(side, "number"))
            if wrong:
                return None
        elif not self._comparable(nodes, sides, place):
            return None
        for one, other, of, node in ((left, right, nodes[0], nodes[1]), (right, left, nodes[1], nodes[0])):
            if isinstance(other, Written) and _is_share(one):
                self._check_share(of, other, node)
        return Compare(comparator, left, right)

    def _check_share(self, of: ast.expr, limit: Written, node: ast.expr) -> None:
        if not isinstance(limit.value, float) or 0 <= limit.value <= 1:
            return
        said = message("{part} is a share, from 0 to 1", part=self._shown(of))
        help = None
        if 1 < limit.value <= 100:
            shown = f"{limit.value:g}"
            help = message("{percent} % is {share}", percent=shown, share=f"{limit.value / 100:g}")
        self._mistakes.add("expression-value", said, self._parsed.place(node), help=help)

    def _comparable(self, nodes: tuple[ast.expr, ast.expr], sides: tuple[Node, Node], place: tuple[int, int]) -> bool:
        """Whether the two can be equal at all."""
        left, right = sides
        one, other = left.kind, right.kind
        if "tags" in (one.sort, other.sort):
            said = message("tags cannot be compared")
            self._mistakes.add("expression-type", said, place, help=message("ask for one: has_tag('...')"))
            return False
        if one == other and one.sort != "enum":
            return True
        for kind, of, side, node in ((one, nodes[0], right, nodes[1]), (other, nodes[1], left, nodes[0])):
            if kind.sort == "enum" and isinstance(side, Written) and isinstance(side.value, str):
                return self._is_choice(side.value, kind, of, node)
        if one.sort == other.sort == "enum" and one == other:
            return True
        if one.is_textual and other.is_textual:
            said = message(
                "{left} and {right} have nothing in common", left=self._shown(nodes[0]), right=self._shown(nodes[1])
            )
            self._mistakes.add("expression-type", said, place)
            return False
        said = message(
            "{left} is {one} and {right} is {other}: they are never equal",
            left=self._shown(nodes[0]),
            one=one.in_words,
            right=self._shown(nodes[1]),
            other=other.in_words,
        )
        written = next((side for side in sides if isinstance(side, Written) and isinstance(side.value, str)), None)
        help = None
        if written is not None and "number" in (one.sort, other.sort) and _reads_as_number(str(written.value)):
            help = message("write the number without quotes: {number}", number=str(written.value).strip())
        self._mistakes.add("expression-type", said, place, help=help)
        return False

    def _is_choice(self, value: str, kind: Kind, of: ast.expr, node: ast.expr) -> bool:
        if value in kind.choices:
            return True
        near = did_you_mean(value, kind.choices)
        choices = ", ".join(kind.choices)
        if near is None:
            help = message("it can be: {choices}", choices=choices)
        else:
            help = message("did you mean '{near}'? It can be: {choices}", near=near, choices=choices)
        said = message("{name} is never '{value}'", name=self._shown(of), value=cut(value, _SHOWN))
        self._mistakes.add("expression-value", said, self._parsed.place(node), help=help, suggestion=near)
        return False

    def _among(self, operand: ast.expr, checked: Node | None, members: ast.expr) -> Node | None:
        if not isinstance(members, ast.List | ast.Tuple):
            self._add_no_list(operand, members)
            return None
        if not members.elts:
            self._mistakes.add("expression-value", message("the list is empty"), self._parsed.place(members))
            return None
        kind = checked.kind if checked is not None and checked.kind.is_textual else None
        values = [self._member(member, kind) for member in members.elts]
        if checked is None:
            return None
        if checked.kind.sort == "tags":
            said = message("tags cannot be compared")
            help = message("ask for some of them: has_any([...])")
            self._mistakes.add("expression-type", said, self._parsed.place(operand), help=help)
            return None
        fitting = [
            self._comparable((operand, member), (checked, value), self._parsed.place(member))
            for member, value in zip(members.elts, values, strict=True)
            if value is not None
        ]
        if not all(fitting) or len(fitting) < len(values):
            return None
        return Among(checked, frozenset(value.value for value in values if value is not None))

    def _member(self, node: ast.expr, expected: Kind | None) -> Written | None:
        """A member of a list; `expected` is the kind of a text that it is to be."""
        if expected is not None and self._is_bare(node, expected):
            return None
        checked = self._node(node)
        if checked is None or isinstance(checked, Written):
            return checked
        said = message("{part} is not written out: a list holds numbers or texts in quotes", part=self._shown(node))
        self._mistakes.add("expression-not-allowed", said, self._parsed.place(node))
        return None

    def _add_no_list(self, operand: ast.expr, members: ast.expr) -> None:
        """What stands after `in` is no list."""
        right = self._node(members)
        if right is None:
            return
        part, whole = self._shown(operand), self._shown(members)
        help = None
        if right.kind.sort == "tags":
            help = message("write has_tag({tag})", tag=part)
        elif right.kind.is_textual:
            help = message("write contains({text}, {part})", text=whole, part=part)
        said = message("{part} is no list", part=whole)
        self._mistakes.add("expression-type", said, self._parsed.place(members), help=help)

    # Names

    def _is_unknown_word(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and not (node.id in TRUTHS or self._registry.find(node.id, self._scope))

    def _is_bare(self, node: ast.expr, expected: Kind = TEXT) -> bool:
        """Whether a text lacks its quotes; that is told here."""
        if not self._is_unknown_word(node):
            return False
        self._add_unknown(node, expected)
        return True

    def _name(self, node: ast.Name | ast.Attribute) -> Node | None:
        path = _dotted(node)
        if path is None:
            said = message("{part} is not allowed", part=self._shown(node))
            self._mistakes.add("expression-not-allowed", said, self._parsed.place(node))
            return None
        if path in TRUTHS:
            return Written(TRUTHS[path])
        found = self._registry.find(path, self._scope)
        if found is None:
            self._add_unknown(node, None)
            return None
        self.names[path] = found
        return Read(found)

    def _add_unknown(self, node: ast.expr, expected: Kind | None) -> None:
        path = _dotted(node) or ""
        self._mistakes.append(
            unknown_name(path, self._parsed.place(node), registry=self._registry, scope=self._scope, expected=expected)
        )

    # Functions

    def _call(self, node: ast.Call) -> Node | None:
        path = _dotted(node.func)
        function = FUNCTIONS.get(path or "")
        if function is None or node.keywords:
            self._add_unknown_function(path, node)
            return None
        n = len(node.args)
        if n < function.least or (function.most is not None and n > function.most):
            said = message(
                Plural("{name} is given {n:count} value", "{name} is given {n:count} values"), name=function.name, n=n
            )
            help = message("write {signature}", signature=function.signature)
            self._mistakes.add("expression-arguments", said, self._parsed.place(node), help=help)
            return None
        if function.about == "rows":
            return self._aggregate(node, function)
        if function.about == "row":
            return self._tag_call(node, function)
        arguments = [self._argument(argument, function.parameter(k)) for k, argument in enumerate(node.args)]
        found = [argument for argument in arguments if argument is not None]
        if len(found) < len(arguments):
            return None
        return self._finished(node, function, found)

    def _add_unknown_function(self, path: str | None, node: ast.Call) -> None:
        if path is None or node.keywords:
            said = message("{part} is not allowed", part=self._shown(node))
            self._mistakes.add("expression-not-allowed", said, self._parsed.place(node))
            return
        self._mistakes.append(unknown_function(path, self._parsed.place(node.func)))

    def _argument(self, node: ast.expr, parameter: Parameter) -> Node | None:
        if parameter.want in ("number", "text", "boolean"):
            return self._of_sort(node, parameter.want)
        if parameter.want == "text or tags":
            checked = self._node(node)
            if checked is not None and not checked.kind.is_textual and checked.kind.sort != "tags":
                said = message("{part} is {found}, where {wanted} is wanted", **self._told(node, checked.kind, "text"))
                self._mistakes.add("expression-type", said, self._parsed.place(node))
                return None
            return checked
        found = self._of_sort(node, "text" if parameter.want == "pattern" else "number")
        if found is None or isinstance(found, Written):
            return found
        said = message("{parameter} has to be written out", parameter=parameter.name)
        self._mistakes.add("expression-arguments", said, self._parsed.place(node))
        return None

    def _finished(self, node: ast.Call, function: Function, arguments: list[Node]) -> Node | None:
        """A call whose arguments fit; what is written out is read now, so that nothing fails later."""
        if function.name == "clip":
            low, high = arguments[1:]
            if isinstance(low, Written) and isinstance(high, Written) and low.value > high.value:  # type: ignore[operator]
                place = (self._parsed.place(node.args[1])[0], self._parsed.place(node.args[2])[1])
                self._mistakes.add("expression-value", message("low is greater than high"), place)
                return None
        if function.name == "round":
            digits = arguments[1].value if len(arguments) > 1 and isinstance(arguments[1], Written) else 0.0
            if not (isinstance(digits, float) and digits.is_integer() and 0 <= digits <= MOST_DIGITS):
                said = message("digits is a whole number from 0 to {most:count}", most=MOST_DIGITS)
                self._mistakes.add("expression-value", said, self._parsed.place(node.args[1]))
                return None
            return Call(function, (arguments[0],), int(digits))
        if function.name == "matches":
            regex = self._regex(node.args[1], arguments[1])
            return None if regex is None else Call(function, (arguments[0],), regex)
        return Call(function, tuple(arguments))

    def _regex(self, node: ast.expr, pattern: Node) -> Any:
        assert isinstance(pattern, Written) and isinstance(pattern.value, str)
        try:
            return compiled_regex(pattern.value)
        except PatternError as error:
            self._add_pattern_error("expression-regex", error, node, pattern.value)
            return None

    def _add_pattern_error(self, code: str, error: PatternError, node: ast.expr, text: str) -> None:
        start, end = self._parsed.place(node)
        # The part of the pattern can be pointed at where it stands in the expression as it is.
        inside = self._parsed.written(node).find(text) if text else -1
        if error.place is not None and inside >= 0:
            start, end = (start + inside + offset for offset in error.place)
        self._mistakes.add(code, error.text, (start, end), help=error.help)

    def _tag_call(self, node: ast.Call, function: Function) -> Node | None:
        if self._scope != "row":
            said = message(
                "{name} is about the tags of one image, and this is about {scope}",
                name=function.name,
                scope=ABOUT[self._scope],
            )
            help = message("ask on what share of the images: share(...)") if self._has_images else None
            self._mistakes.add("expression-scope", said, self._parsed.place(node), help=help)
            return None
        tags = self._registry.find("tags", self._scope)
        assert tags is not None
        self.names["tags"] = tags
        if function.name == "has_tag":
            return self._has_tag(node.args[0], function)
        patterns: list[TagPattern | None] = []
        for argument in node.args:
            if not isinstance(argument, ast.List | ast.Tuple):
                help = message("write {name}([{part}])", name=function.name, part=self._shown(argument))
                said = message("a list of tags is wanted")
                self._mistakes.add("expression-arguments", said, self._parsed.place(argument), help=help)
                return None
            if not argument.elts:
                self._mistakes.add("expression-value", message("the list is empty"), self._parsed.place(argument))
                return None
            patterns = [self._pattern(member) for member in argument.elts]
        found = tuple(pattern for pattern in patterns if pattern is not None)
        return TagCall(function, found) if len(found) == len(patterns) else None

    def _has_tag(self, node: ast.expr, function: Function) -> Node | None:
        if isinstance(node, ast.List | ast.Tuple):
            help = message("write has_any([...]) or has_all([...])")
            self._mistakes.add(
                "expression-arguments", message("one tag is wanted, not a list"), self._parsed.place(node), help=help
            )
            return None
        if isinstance(node, ast.Name | ast.Attribute) and not self._is_unknown_word(node):
            read = self._of_sort(node, "text")
            return None if read is None else Call(function, (read,))
        pattern = self._pattern(node)
        return None if pattern is None else TagCall(function, (pattern,))

    def _pattern(self, node: ast.expr) -> TagPattern | None:
        if self._is_bare(node):
            return None
        checked = self._of_sort(node, "text")
        if checked is None:
            return None
        if not isinstance(checked, Written):
            said = message("{part} is not written out: a list holds tags in quotes", part=self._shown(node))
            self._mistakes.add("expression-not-allowed", said, self._parsed.place(node))
            return None
        try:
            return tag_pattern(str(checked.value))
        except PatternError as error:
            self._add_pattern_error("expression-tag", error, node, "")
            return None

    # Figures over many images

    @property
    def _has_images(self) -> bool:
        return self._registry.scope in ("concept", "dataset")

    def _aggregate(self, node: ast.Call, function: Function) -> Node | None:
        if self._scope not in ("concept", "dataset"):
            said = message(
                "{name} is about many images, and this is about {scope}",
                name=function.name,
                scope=ABOUT[self._scope],
            )
            self._mistakes.add("expression-scope", said, self._parsed.place(node))
            return None
        outer, self._scope = self._scope, "row"
        before, self.names = self.names, {}
        try:
            of_images = [
                self._of_sort(argument, "boolean" if function.parameter(k).want == "boolean" else "number")
                for k, argument in enumerate(node.args)
                if function.parameter(k).want != "fraction"
            ]
            reads = self.names
        finally:
            self._scope, self.names = outer, before
        self.names.update(reads)
        fraction = self._fraction(node, function)
        found = [argument for argument in of_images if argument is not None]
        if len(found) < len(of_images) or fraction is None:
            return None
        other = found[1] if len(found) > 1 else None
        return Aggregate(function, found[0], fraction, all_roles="role" in reads, other=other)

    def _fraction(self, node: ast.Call, function: Function) -> float | None:
        if function.name != "quantile":
            return 0.5
        found = self._argument(node.args[1], function.parameters[1])
        if found is None:
            return None
        assert isinstance(found, Written) and isinstance(found.value, float)
        if 0 <= found.value <= 1:
            return found.value
        said = message("fraction is a number from 0 to 1")
        self._mistakes.add("expression-value", said, self._parsed.place(node.args[1]))
        return None

    def _shown(self, node: ast.expr) -> str:
        return cut(self._parsed.written(node), _SHOWN)


_WANTED: Final = {"number": NUMBER.in_words, "text": TEXT.in_words, "boolean": BOOLEAN.in_words}
_IN_HELP: Final = message("to ask for one of several, write: in ['...', '...']")
_COMPARE_HELP: Final = message("compare it with something: == != < <= > >= in")


def _dotted(node: ast.expr) -> str | None:
    """`a.b.c` of a name with dots; None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _is_share(node: Node) -> bool:
    if isinstance(node, Aggregate):
        return node.function.name == "share"
    return isinstance(node, Read) and node.name.unit == "share"


def _sort_help(found: Node, wanted: str) -> Message | None:
    if wanted == "boolean":
        return _IN_HELP if isinstance(found, Written) and isinstance(found.value, str) else _COMPARE_HELP
    if wanted == "text" and found.kind.sort == "tags":
        return message("ask for one: has_tag('...')")
    if wanted == "number" and isinstance(found, Written) and isinstance(found.value, str):
        if _reads_as_number(found.value):
            return message("write the number without quotes: {number}", number=found.value.strip())
    elif wanted == "number" and found.kind.sort == "text":
        return message("its length is len(...)")
    elif wanted == "number" and found.kind.sort == "tags":
        return message("their number is len(tags)")
    return None


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
