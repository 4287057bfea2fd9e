// Package policies holds the requirements and policies that come with the
// program, as data. Jurists edit the YAML; nobody needs to edit this file.
package policies

import "embed"

// FS holds <policy>.yaml, laws.yaml and requirements/*.yaml.
//
//go:embed *.yaml requirements/*.yaml
var FS embed.FS

// Default is the policy that a unit is judged by when none is named.
const Default = "population-db"
