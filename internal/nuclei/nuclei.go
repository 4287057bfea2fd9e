// Package nuclei runs vetted templates by nuclei's own engine and answers for
// each of them. It is the only package that imports nuclei, and lives in a
// process of its own: importing it costs 0.2 s before main, writes files and
// changes what the whole process does.
package nuclei

import (
	_ "github.com/logrusorgru/aurora" // until the engine is here: pins what it needs
	_ "github.com/projectdiscovery/fastdialer/fastdialer"
	_ "github.com/projectdiscovery/gologger"
	_ "github.com/projectdiscovery/networkpolicy"
	_ "github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolinit"
	_ "github.com/projectdiscovery/nuclei/v3/pkg/templates"
	_ "github.com/projectdiscovery/ratelimit"
	_ "github.com/projectdiscovery/retryablehttp-go"
	_ "github.com/projectdiscovery/tlsx/pkg/tlsx/openssl"
)
