"""How well articles and captions are found on pages whose truth is known, beside other libraries."""
