// Package helmrelease names the types of which controller-gen writes Flux's definition of a HelmRelease.
package helmrelease

import _ "github.com/fluxcd/helm-controller/api/v2"
