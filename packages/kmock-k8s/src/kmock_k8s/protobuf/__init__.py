"""The objects of built-in kinds in the binary encoding of Kubernetes: what Go clients send, and may ask for.

The decoder is our own: a table of the fields and the few rules of the wire format are less than what the library for
protobuf needs to know of the same messages, and Kubernetes has rules of its own (`kmock_k8s.protobuf.values`).
All of this is imported and loaded when it is first needed.
"""

from kmock_k8s.protobuf.decoding import decode, decode_message
from kmock_k8s.protobuf.encoding import encode, frame_event
from kmock_k8s.protobuf.envelopes import Envelope, open_envelope
from kmock_k8s.protobuf.wire import ProtobufError

__all__ = ['Envelope', 'ProtobufError', 'decode', 'decode_message', 'encode', 'frame_event', 'open_envelope']
