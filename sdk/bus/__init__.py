"""The bus: a stream that remembers, a channel that carries, and state committed with both."""
