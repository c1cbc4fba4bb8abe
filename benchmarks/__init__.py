"""The benchmarks of KMock: ratios to a bare aiohttp server within one run, as a table and as JSON.

Run them by ``python3 dev.py bench``, or ``python3 dev.py bench -- throughput streams`` for some of them.
"""
