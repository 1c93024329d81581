"""Documents that are asked again and again, each compiled once to a function that makes its answer.

graphql-core resolves an answer field by field, which costs some hundred times what making the answer takes. What
is asked here is nearly always plain members of decoded documents, so a selection can be written as one Python
function that builds all of it (`writing.py`), from the same schema and the same metadata of its fields.

It only ever makes answers without errors. Whatever is out of the ordinary, a scope that is missing, a variable that
is not valid, a member that is not there, raises `Declined`, and the standard executor answers, errors and all. So
the two cannot differ in an error; that they do not differ in data is tested with generated queries.
"""


class Declined(Exception):  # noqa: N818 - no error: the standard executor answers instead
    """Not to be answered here."""
