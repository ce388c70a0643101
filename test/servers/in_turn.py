"""Moto's server as it comes, but for two things.

One request at a time: what moto keeps is shared by its threads without a lock, so that a reader now and then meets a
500 while another writes, and two receivers get one message. Only a receive that waits lets others pass.

And for queues the time is what the file $LADING_CLOCK says, in milliseconds since 1970, if there is one; "+60000" is a
minute ahead of the machine's. A receive waits no longer than $LADING_WAIT seconds.
"""

import os
import threading

from moto import server
from moto.core.utils import unix_time_millis
from moto.sqs import models

lock = threading.Lock()
serve = server.run_simple
wait = models.Queue.wait_for_messages
receive = models.SQSBackend.receive_message


def in_turn(app):
    def answer(environ, start_response):
        with lock:
            return list(app(environ, start_response))

    return answer


def wait_aside(queue, timeout):
    lock.release()
    try:
        wait(queue, timeout)
    finally:
        lock.acquire()


def now():
    try:
        with open(os.environ["LADING_CLOCK"]) as clock:
            said = clock.read()
            return float(said) + (unix_time_millis() if said.startswith("+") else 0)
    except (KeyError, FileNotFoundError):
        return unix_time_millis()


def is_kept(backend, queue_name, message):
    kept = backend.get_queue_attributes(queue_name, ["MessageRetentionPeriod"])["MessageRetentionPeriod"]
    return message.sent_timestamp / 1000 + int(kept) > now() / 1000


def receive_soon(backend, queue_name, count, wait_seconds_timeout, *rest, **named):
    longest = float(os.environ.get("LADING_WAIT", wait_seconds_timeout))
    return receive(backend, queue_name, count, min(wait_seconds_timeout, longest), *rest, **named)


server.run_simple = lambda host, port, app, **options: serve(host, port, in_turn(app), **{**options, "threaded": True})
models.Queue.wait_for_messages = wait_aside
models.unix_time_millis = now
models.SQSBackend.receive_message = receive_soon
models.SQSBackend.is_message_valid_based_on_retention_period = is_kept
server.main()
