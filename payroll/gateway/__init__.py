"""A server for the national real-name interface (建办市〔2018〕81号): sites push, and ask.

form -> envelope (who, signed, fresh) -> method -> answer
                                         a push is kept in GatewayCall before the answer,
                                         and inbox.py turns it into a feed like any other
"""
