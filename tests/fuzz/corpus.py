"""What the mutations start from: good calls of every kind, texts at the edges of what is allowed, and their words."""

CALLS: dict[str, list[bytes]] = {
    "identify": [
        b'{"userId":"u1","event":"identify","traits":{"email":"a@example.com","phone":"+49301234567"}}',
        (b'{"userId":"u1","event":"identify","traits":{"marketingPreferences":{"channels":[{"channel":"sms",'
         b'"subscribed":false}]}},"timestamp":"2015-2-02T00:30:08.276Z"}'),
    ],
    "track": [
        b'{"userId":"u1","event":"Product Added","properties":{"price":1.10,"n":-0,"big":1E5,"s":"\\ud83d\\ude00"}}',
        b' { "anonymousId" : "d1",\n"event":"e","messageId":"m1","timestamp":"2026-03-05 12:00:00.1234567+05:30" } ',
        b'{"userId":"u","event":"a\\u0000b","properties":{"a":1,"a":2,"a":{"b":[]}},"context":{"direct":true}}',
        b'{"\\u0075serId":"u","\\u0065vent":"e","\\u0063ontext":{"direct":true,"ip":"x","ip":null},"userId":"v"}',
        b'{"userId":"u","event":"e","properties":{"big":' + b"9" * 308 + b',"small":0.' + b"1" * 400 + b"}}",
        b'{"userId":"u","event":"e","properties":{"v":' + b"[" * 97 + b"1" + b"]" * 97 + b"}}",
        b'{"writeKey":"k","userId":"u","sentAt":"9999-12-31T23:59:59Z","timestamp":"0001-01-01T00:00:00Z","event":"e"}',
    ],
    "page": [b'{"anonymousId":"d1","event":"page","name":"\xc3\xa9\xf0\x9f\x98\x80","properties":{"url":"\\/"}}'],
    "screen": [b'{"userId":"u1","name":"Home","context":{"app":{"n":1}}}'],
    "group": [b'{"userId":"u1","groupId":"g1","traits":{"n":1.7976931348623157e308,"m":5e-324}}'],
    "alias": [b'{"userId":"u1","previousId":"d1"}'],
    "batch": [
        b'{"batch":[{"type":"identify","userId":"u1","traits":{"a":1}},{"userId":"u2","event":"e"}]}',
        (b'{"batch" : [ {"event":"page","anonymousId":"d"} ,\n{"userId":"u","event":"e","context":{"a":{"b":1.0,"c":2},'
         b'"d":[ 1 ]}} ], "context" : {"a" : {"c" : 3.00}, "e":"\\u0041", "direct":true}, "messageId":"b1"}'),
        b'{"batch":1,"batch":[{"userId":"u","event":"e","context":{}}],"context":{"x":{}},"context":{"a":1}}',
        (b'{"batch":[{"type":"track","userId":"u","event":"e","messageId":"m"},{"type":"track","userId":"u","event":"e",'
         b'"messageId":"m","writeKey":"k","timestamp":"2026-01-01T00:00:00Z"}],"sentAt":"2026-01-01T00:00:05Z"}'),
    ],
}  # fmt: skip

WORDS = [
    b'"userId"', b'"anonymousId"', b'"event"', b'"type"', b'"traits"', b'"properties"', b'"context"', b'"direct"',
    b'"timestamp"', b'"sentAt"', b'"messageId"', b'"groupId"', b'"previousId"', b'"name"', b'"batch"', b'"writeKey"',
    b'"marketingPreferences"', b'"channels"', b'"channel"', b'"subscribed"', b'"ip"', b'"identify"', b'"page"',
    b'"alias"',
    b"true", b"false", b"null", b"{}", b"[]", b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b'""', b'" "',
    b"NaN", b"-Infinity", b"Infinity", b"0", b"-0", b"01", b"1.", b".5", b"1e5", b"1E+400", b"1e-400", b"-", b"+1",
    b"1.7976931348623157e308", b"1.7976931348623159e308", b"18446744073709551616", b"-9223372036854775809",
    b"9" * 308, b"9" * 309, b"0." + b"1" * 4299, b"0." + b"1" * 4300, b"0" * 310, b"1" + b"0" * 308 + b"e-1",
    b"\\u0000", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\u00", b"\\x41", b"\\/", b"\\u0041", b"\x00", b"\x1f",
    b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xc3", b"\x7f",
    b" ", b"\t", b"\r\n", b"\x0b", b"\x0c", b"\xc2\xa0", b"/**/", b"[" * 101, b"]" * 101, b'{"a":' * 101,
    b"u" * 256, b"u" * 257, b"e" * 201, b"m" * 101,
]  # fmt: skip

TIMES = [
    b"2015-2-02T00:30:08.276Z", b"2026-03-05T12:00:00.000Z", b"2026-03-05 12:00:00,1234567+05:30", b"2026-03-05T24:00Z",
    b"2026-12-31T23:59:60Z", b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-12:00", b"20260305T120000Z",
    b"2026-W10-4T12:00:00Z", b"2026-064T12:00", b"2026-03-05T12:00:00.1234567890123456789z", b"2026-03-05t12:00 -0030",
    b"2026-02-30T00:00:00.000Z", b"2026-03-05T00:30:08+0530Z", b"2026-03-05T003008.12345Z",
    "２０26-03-05T12:00:00.000Z".encode(), b"2026-03-05T12:00:00.1\xc2\xb2\xc2\xb3Z",
]  # fmt: skip
TIME_WORDS = [b"-", b":", b"T", b"t", b" ", b"Z", b"+", b".", b",", b"24", b"60", b"61", b"00", b"99", b"W", b"9" * 20,
              b"\x00", "٣".encode(), b"+23:59", b"-23:59:59", b"+24:00", b"0000", b"9999", b"\xe2\x88\x92"]  # fmt: skip
