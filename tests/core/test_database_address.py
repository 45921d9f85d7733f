"""The address of a database is read in the same way as by SQLAlchemy, which connects with it."""

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from bot.core.database_address import DatabaseAddress

WORDS = st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable())
PARTS = st.tuples(
    st.sampled_from(["sqlite+aiosqlite", "postgresql+asyncpg", "postgres", "mysql"]),
    st.sampled_from(["", "user@", "user:{0}@", ":{0}@"]),
    st.sampled_from(["", "host", "host:5432", "[::1]", "[::1]:5432"]),
    st.sampled_from(["", "/", "/{1}", "/{1}/{1}", "//{1}"]),
    st.sampled_from(["", "?", "?ssl=require", "?password={0}&password=x", "?ssl=", "?host={1}&host=b&host=c"]),
)


@given(PARTS, WORDS, WORDS)
def test_every_part_is_as_sqlalchemy_reads_it(parts: tuple[str, ...], password: str, name: str) -> None:
    text = "{}://{}{}{}{}".format(*parts).format(quote(password, safe=""), quote(name, safe=""))
    ours, theirs = DatabaseAddress.read(text), make_url(text)
    assert ours is not None
    assert ours.kind == theirs.get_backend_name() and ours.driver == theirs.drivername
    assert (ours.password, ours.database) == (theirs.password, theirs.database)
    assert {name: list(values) for name, values in ours.query.items()} == {
        name: list(values) for name, values in theirs.normalized_query.items()
    }


def test_what_is_no_address_is_none() -> None:
    for text in ("", "notjustyou.db", "sqlite:x", "postgresql://host:port/x", "postgresql://host:/x"):
        assert DatabaseAddress.read(text) is None, text
