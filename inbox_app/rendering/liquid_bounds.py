"""Liquid's environment with its limits: tags allowed, work, output and memory of one text.

Work is counted in units of a few microseconds at most, so the same template with the same values
always ends the same way, on any machine.
"""

from __future__ import annotations

import re
from collections.abc import ItemsView, Mapping
from functools import lru_cache
from io import StringIO
from typing import Any, TextIO, cast

from liquid import BoundTemplate, Environment, Markup, Node, RenderContext, TokenStream, escape
from liquid.builtin import output
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.tags import echo_tag, for_tag
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.exceptions import LiquidSyntaxError, ResourceLimitError
from liquid.expression import Expression
from liquid.token import Token
from liquid.undefined import UNDEFINED, Undefined
from liquid.utils import ReadOnlyChainMap

from inbox_app.domain.errors import InvalidInput
from inbox_app.domain.merging import LONGEST, as_text, check_length
from inbox_app.rendering.liquid_filters import MAX_ITEMS, guarded

WORK = 30_000
"""For one text: an order of a thousand lines with some columns fits. Nothing else runs meanwhile,
so it is some tens of milliseconds."""
MAX_TAGS = 10_000
MAX_TAG = 10_000
COMPILED = 512
"""Templates kept; most are a line or two."""
LEFT_OUT = ("include", "render", "tablerow", "liquid", "doc")
NOT_FILTERS = ("safe",)
OPENED = re.compile(r"\{[{%]")
VERBATIM = re.compile(r"\{%-?\s*(raw|doc)\s*-?%\}")
VERBATIM_END = re.compile(r"\{%-?\s*end(raw|doc)\s*-?%\}")


class Missing(Undefined):
    """A name without a value: nothing, and noted as soon as it is shown or looped over."""

    __slots__ = ("missing",)

    def __init__(self, name: str, missing: list[str]) -> None:
        super().__init__(name)
        self.missing = missing

    def __str__(self) -> str:
        self.missing.append(self.name)
        return ""

    def items(self) -> ItemsView[Any, object]:
        """No items; a loop asks for them."""
        self.missing.append(self.name)
        return super().items()

    def __hash__(self) -> int:
        return hash(self.name)


class Buffer(StringIO):
    """Collects output up to `LONGEST` characters."""

    def __init__(self, size: int = 0) -> None:
        super().__init__()
        self.size = size

    def write(self, text: str, /) -> int:
        self.size += len(text)
        check_length(self.size)
        return super().write(text)


class Context(RenderContext):
    """Looks names up, and counts the work."""

    def __init__(
        self, template: BoundTemplate, values: Mapping[str, Any], missing: list[str]
    ) -> None:
        super().__init__(template, globals=values)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self.missing = missing
        self.work = 0
        self.body = 1
        self.held: dict[str, int] = {}
        self.holding = 0

    def charge(self, units: int) -> None:
        """Counts work.

        Raises:
            ResourceLimitError: it is more than `WORK`.
        """
        self.work += units
        if self.work > WORK:
            raise ResourceLimitError("it loops too often or handles too much text", token=None)

    def get(
        self, path: list[object], *, token: Token | None, default: object = UNDEFINED
    ) -> object:
        name = ".".join(map(str, path))
        found = self._flat(name, path) if len(path) > 1 else None
        if found is None:
            found = super().get(path, token=token, default=None)
        self.charge(1 + _weight(found))
        if found is None:
            return Missing(name, self.missing) if default is UNDEFINED else default
        return found

    def _flat(self, name: str, path: list[object]) -> object:
        """The value whose own name has dots, unless the template has a variable of that root."""
        root = str(path[0])
        if name in self.globals and self.scope.get(root) is self.globals.get(root):
            return self.globals[name]
        return None

    def assign(self, key: str, val: object) -> None:
        if isinstance(val, range):
            check_range(val)
        size = len(cast("str", val)) if isinstance(val, (str, list)) else 1
        self.holding += size - self.held.get(key, 0)
        self.held[key] = size
        check_length(self.holding)
        self.charge(1)
        self.locals[key] = val

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.charge(length * self.body)

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        return Buffer(buf.size if isinstance(buf, Buffer) else 0)


def check_range(numbers: range) -> None:
    """Refuses long ranges: asking one for a text, or to run backwards, walks through all of it."""
    if numbers.stop - numbers.start > MAX_ITEMS:
        raise ResourceLimitError("a range is too long", token=None)


def _weight(value: object) -> int:
    """Work to compare a value or to search it."""
    if isinstance(value, str):
        return len(value) // 256
    if isinstance(value, (list, dict)):
        return len(cast("list[object]", value)) // 32
    return 0


class OutputNode(output.OutputNode):
    """Shows values the way `as_text` does, escaped in HTML."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        if context.autoescape and isinstance(value, Markup):
            return buffer.write(value)
        if isinstance(value, range):
            return buffer.write(f"{value.start}..{value.stop - 1}")
        text = as_text(value)
        cast("Context", context).charge(len(text) // 100)
        return buffer.write(str(escape(text)) if context.autoescape else text)


class OutputTag(output.Output):
    node_class = OutputNode


class EchoNode(OutputNode):
    """The same, as a tag."""


class EchoTag(echo_tag.EchoTag):
    node_class = cast("Any", EchoNode)


class ForNode(for_tag.ForNode):
    """Counts each round by the length of what is repeated."""

    body = 1

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        over = self.expression.iterable.evaluate(context)
        if isinstance(over, range):
            check_range(over)
        cast("Context", context).body = self.body
        return super().render_to_output(context, buffer)


class ForTag(for_tag.ForTag):
    node_class = ForNode

    def parse(self, stream: TokenStream) -> Node:
        start = stream.current
        node = cast("ForNode", super().parse(stream))
        inside = start.source[start.start_index : stream.current.start_index]
        node.body = 1 + 2 * (inside.count("{{") + inside.count("{%")) + len(inside) // 30
        return node


class Bound(BoundTemplate):
    """A template that can be filled within the limits."""

    def filled(self, values: Mapping[str, Any], missing: list[str]) -> str:
        """The text; raises LiquidError or InvalidInput, and what filters raise by accident."""
        buffer = Buffer()
        self.render_with_context(Context(self, values, missing), buffer)
        return buffer.getvalue()


class Bounded(Environment):
    """Liquid's tags and filters, but for those that load, or show values unescaped."""

    template_class = Bound

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for tag in (OutputTag, EchoTag, ForTag):
            self.add_tag(tag)
        for name in LEFT_OUT:
            del self.tags[name]
        for name in NOT_FILTERS:
            del self.filters[name]
        for name, run in self.filters.items():
            self.filters[name] = guarded(name, run)


TEXT = Bounded()
HTML = Bounded(autoescape=True)


@lru_cache(COMPILED)
def compiled(source: str, html: bool) -> Bound:
    """The template, read and checked.

    Raises:
        LiquidError: it breaks a rule of the language.
        InvalidInput: it is too long.
    """
    _check(source)
    template = cast("Bound", (HTML if html else TEXT).from_string(source))
    context = RenderContext(template)
    for node in template.nodes:
        _check_node(node, context)
    return template


def _check(source: str) -> None:
    """Refuses what the library would take quadratic time to read."""
    if len(source) > LONGEST or source.count("{{") + source.count("{%") > MAX_TAGS:
        raise InvalidInput("The template is too long.", fix=f"Keep it to {MAX_TAGS:,} tags.")
    for opened in OPENED.finditer(source):
        start = opened.start()
        close = "}}" if opened[0] == "{{" else "%}"
        if source.find(close, start, start + MAX_TAG) < 0:
            raise LiquidSyntaxError(f"{close} is missing", token=_at(source, start))
    last = {match[1]: match.start() for match in VERBATIM.finditer(source)}
    ends = {match[1]: match.start() for match in VERBATIM_END.finditer(source)}
    for name, start in last.items():
        if ends.get(name, -1) < start:
            raise LiquidSyntaxError(f"end{name} is missing", token=_at(source, start))


def _at(source: str, start: int) -> Token:
    return Token("tag", source[start : start + 2], start, source)


def _check_node(node: Node, context: RenderContext) -> None:
    """Refuses ranges in conditions, where nothing else looks at their length."""
    if not isinstance(node, (ForNode, OutputNode, AssignNode)):
        for expression in node.expressions():
            _check_expression(expression)
    for child in node.children(context, include_partials=False):
        _check_node(child, context)


def _check_expression(expression: Expression) -> None:
    if isinstance(expression, RangeLiteral):
        raise LiquidSyntaxError("a range cannot be compared", token=expression.token)
    for child in expression.children():
        _check_expression(child)
