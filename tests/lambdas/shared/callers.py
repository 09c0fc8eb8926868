"""What names a caller, in every form that a test can throw at something: numbers, names, tokens."""

from __future__ import annotations

from hypothesis import strategies as st

numbers = st.one_of(
    st.from_regex(r"\A\+[1-9][0-9]{6,14}\Z"),
    st.from_regex(r"\A[2-9]{9,20}\Z"),  # nothing that stands in a time stamp or an id
    st.from_regex(r"\A\+1 \([2-9][0-9]{2}\) [0-9]{3}-[0-9]{4}\Z"),
)
names = st.from_regex(r"\A[A-ZÄÖÅÇ][a-zéüø']{2,12}( [A-ZÄÖÅÇ][a-zéüø'-]{2,12}){1,2}\Z")
tokens = st.from_regex(r"\A[A-Za-z0-9+/]{40,200}={0,2}\Z") | st.from_regex(r"\AAKIA[A-Z2-7]{12,16}[0-9]{5}\Z")
secrets = numbers | names | tokens
