"""What stands between the sockets and a WSGI application, so that nobody holds a thread by being slow.

A thread is given to a request only when all of it is here, and taken back as soon as its answer is made: bodies are
read and answers sent by an event loop, which waits for thousands as easily as for one. It takes any WSGI application,
and is served by granian (RSGI).
"""
