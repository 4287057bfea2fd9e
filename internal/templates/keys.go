package templates

// What the keys of nuclei v3.4.10 mean here. kind is what the value must be;
// no is the rule that refuses the key, or, of a flag, its being true.
type key struct {
	kind kind
	no   string
}

type kind int

const (
	ofText  kind = iota // a scalar
	ofFlag              // true or false
	ofCount             // a whole number, not negative
	ofTexts             // a list of scalars
	ofTable             // a map
	ofList              // a list of maps
)

type section map[string]key

var topKeys = section{
	"id": {kind: ofText}, "info": {kind: ofTable}, "variables": {kind: ofTable}, "flow": {kind: ofText},
	"http": {kind: ofList}, "requests": {kind: ofList}, "tcp": {kind: ofList}, "network": {kind: ofList},
	"ssl": {kind: ofList}, "dns": {kind: ofList}, "javascript": {kind: ofList},
	"stop-at-first-match": {kind: ofFlag},
	"self-contained":      {ofFlag, "self-contained"},
	"code":                {ofList, "code"}, "file": {ofList, "file"}, "headless": {ofList, "headless"},
	"whois": {ofList, "whois"}, "websocket": {ofList, "websocket"}, "workflows": {ofList, "workflows"},
	"constants": {ofTable, "constants"}, "signature": {ofText, "signature"},
}

var operatorKeys = section{
	"matchers": {kind: ofList}, "extractors": {kind: ofList}, "matchers-condition": {kind: ofText},
}

var payloadKeys = section{
	"payloads": {kind: ofTable}, "attack": {kind: ofText}, "threads": {kind: ofCount},
}

var httpKeys = join(operatorKeys, payloadKeys, section{
	"id": {kind: ofText}, "name": {kind: ofText},
	"path": {kind: ofTexts}, "raw": {kind: ofTexts}, "method": {kind: ofText}, "body": {kind: ofText}, "headers": {kind: ofTable},
	"max-redirects": {kind: ofCount}, "max-size": {kind: ofCount}, "host-redirects": {kind: ofFlag}, "redirects": {ofFlag, "redirects"},
	"unsafe": {kind: ofFlag}, "read-all": {kind: ofFlag}, "cookie-reuse": {kind: ofFlag}, "disable-cookie": {kind: ofFlag},
	"req-condition": {kind: ofFlag}, "stop-at-first-match": {kind: ofFlag}, "iterate-all": {kind: ofFlag},
	"skip-variables-check": {kind: ofFlag}, "skip-secret-file": {kind: ofFlag}, "disable-path-automerge": {kind: ofFlag},
	"digest-username": {kind: ofText}, "digest-password": {kind: ofText},
	"self-contained": {ofFlag, "self-contained"}, "signature": {ofText, "signature"}, "global-matchers": {ofFlag, "global-matchers"},
	"race": {ofFlag, "race"}, "race_count": {ofCount, "race"}, "pipeline": {ofFlag, "pipeline"},
	"pipeline-concurrent-connections": {ofCount, "pipeline"}, "pipeline-requests-per-connection": {ofCount, "pipeline"},
	"fuzzing": {ofList, "fuzzing"}, "analyzer": {ofTable, "fuzzing"}, "pre-condition": {ofList, "fuzzing"}, "pre-condition-operator": {ofText, "fuzzing"},
})

var tcpKeys = join(operatorKeys, payloadKeys, section{
	"id": {kind: ofText}, "name": {kind: ofText}, // of which nuclei makes nothing, but many write it
	"host": {kind: ofTexts}, "inputs": {kind: ofList}, "port": {kind: ofText}, "exclude-ports": {kind: ofText},
	"read-size": {kind: ofCount}, "read-all": {kind: ofFlag}, "stop-at-first-match": {kind: ofFlag},
})

var inputKeys = section{"data": {kind: ofText}, "type": {kind: ofText}, "read": {kind: ofCount}, "name": {kind: ofText}}

var sslKeys = join(operatorKeys, section{
	"id": {kind: ofText}, "address": {kind: ofText}, "min_version": {kind: ofText}, "max_version": {kind: ofText}, "scan_mode": {kind: ofText},
	"cipher_suites": {kind: ofTexts}, "tls_version_enum": {kind: ofFlag}, "tls_cipher_enum": {kind: ofFlag}, "tls_cipher_types": {kind: ofTexts},
})

var dnsKeys = join(operatorKeys, payloadKeys, section{
	"id": {kind: ofText}, "name": {kind: ofText}, "type": {kind: ofText}, "class": {kind: ofText}, "retries": {kind: ofCount}, "recursion": {kind: ofFlag},
	"trace": {ofFlag, "trace"}, "trace-max-recursion": {ofCount, "trace"}, "resolvers": {ofTexts, "resolvers"},
})

var scriptKeys = join(operatorKeys, payloadKeys, section{
	"id": {kind: ofText}, "pre-condition": {kind: ofText}, "code": {kind: ofText}, "args": {kind: ofTable},
	"stop-at-first-match": {kind: ofFlag}, "init": {ofText, "init"},
})

var matcherKeys = section{
	"type": {kind: ofText}, "condition": {kind: ofText}, "part": {kind: ofText}, "negative": {kind: ofFlag}, "name": {kind: ofText},
	"status": {kind: ofTexts}, "size": {kind: ofTexts}, "words": {kind: ofTexts}, "regex": {kind: ofTexts}, "binary": {kind: ofTexts},
	"dsl": {kind: ofTexts}, "xpath": {kind: ofTexts}, "encoding": {kind: ofText}, "case-insensitive": {kind: ofFlag},
	"match-all": {kind: ofFlag}, "internal": {kind: ofFlag},
}

var extractorKeys = section{
	"name": {kind: ofText}, "type": {kind: ofText}, "regex": {kind: ofTexts}, "group": {kind: ofCount}, "kval": {kind: ofTexts},
	"json": {kind: ofTexts}, "xpath": {kind: ofTexts}, "attribute": {kind: ofText}, "dsl": {kind: ofTexts}, "part": {kind: ofText},
	"internal": {kind: ofFlag}, "case-insensitive": {kind: ofFlag},
}

func join(parts ...section) section {
	all := section{}
	for _, p := range parts {
		for k, v := range p {
			all[k] = v
		}
	}
	return all
}
