// Command judge answers what GitOps tools make of an object: a Lua script as Argo CD runs it, and kstatus as Flux and Helm
// compute it. It reads one JSON request per line and writes one JSON answer per line, in order.
//
//	{"script": "<Lua>", "object": {…}}   what the script returns, as {"result": …} or {"error": "…"}
//	{"object": {…}}                      {"status": "InProgress", "message": "…"}
//
// The Lua state holds what Argo CD v3 gives a script (util/lua/lua.go: package, base, table, and of os only time and
// date), the global obj, and one second.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	luajson "layeh.com/gopher-json"
)

type request struct {
	Script string          `json:"script"`
	Object json.RawMessage `json:"object"`
}

type answer struct {
	Result  json.RawMessage `json:"result,omitempty"`
	Status  string          `json:"status,omitempty"`
	Message string          `json:"message,omitempty"`
	Error   string          `json:"error,omitempty"`
}

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			if err := answers.Encode(judge(line)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}

func judge(line []byte) answer {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	object := &unstructured.Unstructured{}
	// By its own decoder: kstatus refuses generations that are no integers.
	if err := object.UnmarshalJSON(asked.Object); err != nil {
		return answer{Error: err.Error()}
	}
	if asked.Script == "" {
		return byStatus(object)
	}
	return byScript(object, asked.Script)
}

func byStatus(object *unstructured.Unstructured) answer {
	found, err := status.Compute(object)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Status: found.Status.String(), Message: found.Message}
}

func byScript(object *unstructured.Unstructured, script string) answer {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for _, library := range []struct {
		name string
		open lua.LGFunction
	}{
		{lua.LoadLibName, lua.OpenPackage},
		{lua.BaseLibName, lua.OpenBase},
		{lua.TabLibName, lua.OpenTable},
		{lua.OsLibName, openSafeOs},
	} {
		call := lua.P{Fn: state.NewFunction(library.open), NRet: 0, Protect: true}
		if err := state.CallByParam(call, lua.LString(library.name)); err != nil {
			return answer{Error: err.Error()}
		}
	}
	patience, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	state.SetContext(patience)
	// Numbers reach Lua as JSON has them: all are floats there, as in Argo CD.
	raw, err := json.Marshal(object.Object)
	if err != nil {
		return answer{Error: err.Error()}
	}
	value, err := luajson.Decode(state, raw)
	if err != nil {
		return answer{Error: err.Error()}
	}
	state.SetGlobal("obj", value)
	if err := state.DoString(script); err != nil {
		return answer{Error: err.Error()}
	}
	result, err := luajson.Encode(state.Get(-1))
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Result: result}
}

// openSafeOs opens os with nothing but the clock.
func openSafeOs(state *lua.LState) int {
	opened := lua.OpenOs(state)
	library, ok := state.GetGlobal(lua.OsLibName).(*lua.LTable)
	if !ok {
		return opened
	}
	var others []string
	library.ForEach(func(name, _ lua.LValue) {
		if text := name.String(); text != "time" && text != "date" {
			others = append(others, text)
		}
	})
	for _, name := range others {
		library.RawSetString(name, lua.LNil)
	}
	return opened
}
