"""The bus: a stream that remembers, a channel that carries, and state that is committed with both."""
