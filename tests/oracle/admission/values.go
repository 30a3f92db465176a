package admission

import "strings"

// grammar is a kind of text: some that fit, boundary cases first, and some that do not.
type grammar struct {
	good, bad []string
}

var (
	anyText   = grammar{[]string{"a", "x y", "*", "é", "a*b", "-", "0", "{}", "日本", strings.Repeat("a", 64)}, []string{""}}
	someWords = grammar{[]string{"alpha", "beta", "gamma", "x"}, []string{""}}

	addresses = grammar{
		[]string{
			"10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::/0", "::1", "fe80::1%eth0", "::ffff:1.2.3.4", "10.0.0.7/8", "255.255.255.255/32", "2001:db8::/32",
			"::/128", "1:2:3:4:5:6:7:8", "1::8", "::1.2.3.4", "192.168.0.0/16",
		},
		[]string{
			"", "fe80::1%", "10.0.0", "010.0.0.1", "10.0.0.0/08", "fe80::1%eth0/64", "10.0.0.1-9", "*", "10.0.0.0/33", "::/129", "::/-1", "10.0.0.0/+8", "10.0.0.0/",
			"/8", "10.0.0.0/8/8", "host", "10.0.0.256", " 10.0.0.1", "10.0.0.1 ", "1:2:3:4:5:6:7:8:9", "1::2::3", ":::", "::1/", "[::1]", "10.0.0.1:80",
			"0x0a.0.0.1", "10.0.0.1/24.0", "::ffff:1.2.3.4/96%a", "12345::", "::g", "10.0.0.0/٨",
		},
	}
	portTexts = grammar{
		[]string{"80", "8080", "0", "65535", "0080", "00000000000000443", "1"},
		[]string{"", "65536", "-1", "+80", " 80", "80 ", "http", "*", "8000-8100", "80.0", "1e2", "0x50", "99999999999999999999", "٨", "8_0"},
	}
	paths = grammar{
		[]string{
			"/a", "/a/*", "*/b", "*", "/{*}/foo", "/foo/{**}/bar", "{*}", "//{*}//", "a/{*}", "admin", "/a*b", "/x?y=1", "/", "/{**}", "/{*}/{**}",
			"/{*}/{*}", "/a//b", "/a#b", "/a-b._~%!$&'()+,;:@=/{*}", "/ä", "/a b", "/{**}/a/b", "/foo/{*}",
		},
		[]string{
			"", "/foo/{**}buzz", "/{**}/{*}", "/{**}/{**}", "/foo/{*}.txt", "/foo/{bar}", "/foo/{*}/b*", "/a//{*}", "/foo/{}", "/{", "/}", "/{*", "/a{*}",
			"/{***}", "/{**}/x/{*}", "/ä/{*}", "/a b/{*}", "/{*}?x", "/{*}#x", "/{{*}}", "{**}{*}", "/{*}{*}", "/a/{*}/", "/{*}//a",
		},
	}
	hosts   = grammar{[]string{"shop.example", "*.example", "shop.example:443", "*", "ä", "A.B"}, []string{""}}
	methods = grammar{[]string{"GET", "POST", "get", "*", "FETCH", "G*"}, []string{""}}

	principals = grammar{[]string{"cluster.local/ns/a/sa/b", "*", "spiffe://td/ns/a/sa/b", "*/sa/b", "td/*", "frontend"}, []string{""}}
	namespaces = grammar{[]string{"shop", "prod-*", "*", "Dev", "a/b"}, []string{""}}
	accounts   = grammar{
		[]string{"frontend", "shop/frontend", "a.b/C d", "ä/b", strings.Repeat("a", 320), strings.Repeat("ä", 160)},
		[]string{"", "*", "shop/*", "a/b/c", "/a", "a/", "/", "a*", strings.Repeat("a", 321), strings.Repeat("ä", 161), strings.Repeat("ä", 320), strings.Repeat("ä", 321), "a//b"},
	}
	trustDomains = grammar{
		[]string{"cluster.local", "*", "*.local", "cluster*", "td", "a b"},
		[]string{"", "a*b", "*a*", "td/ns", "**", "a/", "/"},
	}
	conditionKeys = grammar{
		[]string{
			"source.ip", "remote.ip", "source.namespace", "source.serviceAccount", "source.principal", "source.trustDomain", "request.auth.principal",
			"request.auth.audiences", "request.auth.presenter", "destination.ip", "destination.port", "connection.sni", "request.headers[x-team]",
			"request.auth.claims[iss]", "request.auth.claims[a][b]", "request.headersX[x]", "request.headers[a][b]", "request.auth.claims[a]b[c]",
			"experimental.envoy.filters.network.mysql_proxy[a.b]", "request.headers[:authority]", "request.headers[]]", "request.headers[[]",
			"experimental.envoy.filters.[a]", "request.headers[x]",
		},
		[]string{
			"", "request.headers", "request.headers[]", "request.headers[a", "request.headers]a[", "request.auth.claims", "request.auth.claims[]",
			"request.auth.claims.role", "experimental.envoy.filters.a", "destination.namespace", "destination.labels[app]", "destination.labels",
			"destination.name", "destination.user", "source.principals", "request.method", "Source.ip", "source.ip ", "request.header[x]", "[x]",
			"request.auth.claim[x]", "destination.labelsX", "request.regex.headers[a]", "source.user", "request.auth", "connection.sni[a]",
		},
	}
	labelKeys = grammar{
		[]string{"app", "version", "app.kubernetes.io/name", "A_b.c", "x y", "-", "é", strings.Repeat("k", 64)},
		[]string{"", "*", "a*", "*/a"},
	}
	labelValues = grammar{
		[]string{"cart", "v1", "", "x y", "é", "-", strings.Repeat("v", 63), strings.Repeat("é", 63)},
		[]string{"*", "shop-*", strings.Repeat("v", 64), strings.Repeat("é", 64), "a*b"},
	}
	// The rules for labels of subsets are those of Kubernetes, more or less.
	subsetKeys = grammar{
		[]string{"app", "version", "app.kubernetes.io/name", "A_b.c", "EXAMPLE.com/a", strings.Repeat("k", 63), strings.Repeat("p", 70) + ".x/a"},
		[]string{"", "*", "a*", "/a", "a/", "a/b/c", "-a", "a-", "x y", strings.Repeat("k", 64), "é", ".a", "a..b/c", "a_b/c", strings.Repeat("p.", 130) + "a/b"},
	}
	subsetValues = grammar{
		[]string{"cart", "v1", "", "A_b.c-d", strings.Repeat("v", 64), "1.0"},
		[]string{"-a", "a-", "a b", "*", "é", "a/b", "."},
	}
	providers = grammar{[]string{"opa", "ä b", "-"}, []string{""}}

	issuers = grammar{[]string{"https://idp.example", "accounts@example.com", "a", "é"}, []string{""}}
	uris    = grammar{
		[]string{
			"https://idp.example/keys", "http://a", "HTTPS://a:1/b?c#d", "https:a", "http:///x", "http://u:p@h:99999/", "https://[::1]:80/a", "http://a:/",
			"http://[fe80::1%25en0]/", "https://a/%41", "http://a?b=%zz", "https://é/", "http://a//b", "http://h%C3%A4/",
		},
		[]string{
			"", "ftp://x", "idp.example/keys", "/a", "//a/b", "http://a b", "http://a:x/", "http://a/%4", "http://a/%zz", "http://a\t", "http://a#%zz", "http://a#b",
			"file:///a", "*", ":a", "1:b", "https://a:1:2/", "http://[1.2.3.4]/", "http://[::1/", "http://a[::1]/", "http://u\"@h/", "http://a%41/", "https",
			"http:", "mailto:a@b", "https://" + strings.Repeat("a", 2040), "https://" + strings.Repeat("a", 2041), "http://a:65536", "http://a:-1", "HTTP:a:b",
		},
	}
	headerNames = grammar{[]string{"x-token", "X_Y", "0", "-"}, []string{"", "x y", "x:", "é", "a.b", "x-token\n"}}
	claims      = grammar{[]string{"sub", "a b", "é", "*"}, []string{""}}
	filled      = grammar{[]string{"token", "a b", "é", "*"}, []string{""}}
	durations   = grammar{
		[]string{"5s", "+5s", "1ms", "1000us", "1.5s", "1h30m", "2562047h", ".5s", "5.s", "1m0.001s", "1s1s", "1000000ns"},
		[]string{
			"", "0s", "0", "999us", "-5s", "5", "1d", "9999999h", "1500us", "1.0005s", "s", ".s", "5 s", " 5s", "5S", "1e3s", "--5s", "+", "1µs", "0.001s0.5us", "2562048h",
			"1000001ns", "999999ns",
		},
	}
	// Durations that only istiod looks at.
	laxDurations = grammar{[]string{"5s", "0s", "1ms", "0.4ms", "100us"}, []string{"", "5", "1d", "-5s", "9999999h", "0.6ms", "1500us"}}

	destinations = grammar{
		[]string{
			"reviews", "reviews.shop.svc.cluster.local", "*.example", "*", "a.", "A-b.c", "*a.b", "*-a.b", "1", "0a.b1c", "10.0.0.1x", strings.Repeat("a", 63) + ".b",
			strings.Repeat("a.", 127) + "b",
		},
		[]string{
			"", ".", "a..b", "-a", "a-", "a*", "a.*", "*.*", "a b", "é", "a_b", "10.0.0.1", "a.1", "shop/reviews", "*a*", strings.Repeat("a", 64), strings.Repeat("a.", 128) + "b",
			"a:80", "..", "*.", "**", "http://a", "*.1", "a..",
		},
	}
	exports = grammar{[]string{".", "*", "shop", "prod", "Shop", "a-b", "default"}, []string{"", "~", "a.b", "*a", "-a", "a_b", "prod-*", strings.Repeat("n", 64), "./*"}}
	subsets = grammar{[]string{"v1", "v2", "v3", "V4", "a-b", strings.Repeat("s", 63)}, []string{"", "a.b", "-a", "a_b", "v 1", strings.Repeat("s", 64), "v*", "é"}}

	localities = grammar{
		[]string{"us-west/zone1/*", "us-west/zone1/a", "us-west/*", "eu/z/s", "eu", "us-east", "*"},
		[]string{"", "us-west/", "/zone", "a/b/c/d", "us*/z", "us-west/*/a", "a//b", "*/a", "us-west/zone1/"},
	}
	regions    = grammar{[]string{"us-east", "us-west", "eu", "asia"}, []string{"", "us/z", "*", "us*", "us-east/"}}
	topologies = grammar{
		[]string{"topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone", "topology.istio.io/network", "version", "version=v1", "a=b=c"},
		[]string{"", "=", "=a"},
	}
	credentials = grammar{
		[]string{"secret", "configmap://ca", "configmap://shop/ca", "configmap://default/ca/more", "kubernetes://shop/a"},
		[]string{"configmap://", "configmap:///a", "configmap://other/ca", "configmap://a/", "configmap://a/b/c/d"},
	}
	targets = grammar{
		[]string{"a.example", "10.0.0.1", "::1", "a", "a.b.", "fe80::1"},
		[]string{"", "*", "*.a", "a b", "-a", "a_b", "10.0.0.0/8", "a..b", "é", "256.0.0.1", "1"},
	}
	tunnelProtocols = grammar{[]string{"CONNECT", "POST", ""}, []string{"GET", "connect", "CONNECT "}}

	names = grammar{
		[]string{"a", "allow-cart", "a.b", "0", strings.Repeat("a", 253), "x-1"},
		[]string{"", "A", "a_b", "-a", "a-", ".", "a..b", strings.Repeat("a", 254), "a/b", "é", "..", "a b"},
	}
	prefixes = grammar{
		[]string{"a-", "allow", "a.b-", strings.Repeat("a", 57) + "-", strings.Repeat("a", 100), "0"},
		[]string{"", "A-", "a.", "-", "A", "aA-", "..", strings.Repeat("a", 254), strings.Repeat("a", 57) + ".-", "a--", "é-", strings.Repeat("a", 57) + ".b"},
	}
	spaces = grammar{
		[]string{"shop", "default", "istio-system", "0", strings.Repeat("n", 63)},
		[]string{"", "Shop", "a.b", "-a", "a_b", strings.Repeat("n", 64), "a b", "é"},
	}
	metaKeys = grammar{
		[]string{"app", "a.b/c", "A_b.c", "app.kubernetes.io/name", strings.Repeat("k", 63), strings.Repeat("p", 253) + "/k"},
		[]string{"", "-a", "a-", "a/b/c", "/a", "a/", "A/b", "a b", "é", strings.Repeat("k", 64), "a_b/c", strings.Repeat("p", 254) + "/k", "a..b/c"},
	}
	metaValues = grammar{
		[]string{"", "v", "A_b.c-d", strings.Repeat("v", 63)},
		[]string{"-a", "a-", "a b", "é", "a/b", strings.Repeat("v", 64), "."},
	}
	annotationKeys = grammar{
		[]string{"app", "Example.COM/a", "a.b/C", "kubectl.kubernetes.io/last-applied-configuration", "istio.io/rev", "istio.io/dryRun"},
		[]string{
			"", "-a", "a/b/c", "a b", "é", strings.Repeat("k", 64), "internal.istio.io/parents", "internal.istio.io/webhook-always-reject",
			"internal.istio.io/parent-namespace", "istio.io/dry-run",
		},
	}
	booleans = grammar{
		[]string{"true", "false", "1", "t", "T", "TRUE", "True", "0", "f", "F", "FALSE", "False"},
		[]string{"", "yes", "on", "TrUe", "2", " true", "tRUE", "no"},
	}
	times = grammar{
		[]string{"2023-05-01T09:30:00Z", "2024-02-29T09:30:00+01:00", "2023-05-01T09:30:00.5Z", "2023-05-01T9:30:00Z"},
		[]string{"", "yesterday", "2023-05-01", "2023-02-29T09:30:00Z", "2023-05-01T24:00:00Z", "2023-05-01T09:30:00", "2023-05-01T09:30:00,5Z", "2023-05-01T09:30:00+25:00"},
	}
	finalizers = grammar{[]string{"a.b/c", "orphan", "foregroundDeletion", "kubernetes", "a"}, []string{"", "a/b/c", "-a", "a b"}}
	owners     = grammar{[]string{"v1", "apps/v1"}, []string{"", "a/b/c", "/", "apps/"}}
)
