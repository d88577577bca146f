#!/usr/bin/env bash
# Suggest codes for a note, queue it for review, decide, and fetch the decisions.
#
# Usage: CAC_URL=http://localhost:8700 CAC_API_KEY=cac_... bash client.sh
# Needs curl 7.76 or later, and Python to read JSON. A coder's key does all but the last step, which
# an administrator's does (`export`).
set -euo pipefail

# Send a request. --retry waits as Retry-After says (429, 503); another refusal is shown, as problem
# details, and ends the script. The answer goes through a file, which a retry starts anew. The key
# comes by standard input, so that no list of processes shows it.
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
call() {
  local status=0
  curl --silent --show-error --fail-with-body --retry 5 --config - --output "$answer" \
    --header "Content-Type: application/json" --request "$1" "$CAC_URL$2" "${@:3}" \
    <<< "header = \"Authorization: Bearer $CAC_API_KEY\"" || status=$?
  cat "$answer"
  return $status
}

# What a Python expression makes of the JSON `d` on standard input.
pick() { python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

note_id="visit-$(date +%s)-$$"
note='{"note_id": "'$note_id'", "setting": "outpatient",
       "text": "Assessment: CKD stage 3b. Gout of the left foot. No chest pain."}'

# Codes at once; nothing is kept.
call POST /v1/suggest --data "{\"notes\": [$note]}" \
  | pick "*('suggested: {code} {description}'.format(**s) for s in d['results'][0]['suggestions']), sep='\n'"

# The note for people to review. Sent again under the same key, it is still one note.
id=$(call POST /v1/notes --header "Idempotency-Key: $note_id" --data "$note" | pick "d['id']")

# Take it, as soon as its codes are suggested.
for _ in $(seq 120); do
  claimed=$(call POST "/v1/notes/$id/claim" 2> /dev/null) && break || sleep 0.5
done
echo "claimed by: $(pick "d['claimed_by']" <<< "$claimed")"

# Decide: what is answered is on disk.
decisions=$(call GET "/v1/notes/$id" | pick "json.dumps({
  'decisions': [{'kind': 'accept', 'code': {'system': s['system'], 'value': s['code']}}
                for s in d['suggestions']] + [{'kind': 'complete'}],
  'expected_version': d['state']['version']})")
call POST "/v1/notes/$id/decisions" --data "$decisions" | pick "'status: ' + d['state']['status']"

# Somebody who decides on what is no longer so is told, and overwrites nothing.
refused=$(call POST "/v1/notes/$id/decisions" --data "$decisions" 2> /dev/null || true)
echo "refused: $(pick "d['status'], d['type'], d['detail']" <<< "$refused")"

# The decisions, one coded note a line, without those of others.
call GET /v1/export/decisions | grep "\"$note_id\"" \
  | pick "'decided:', *(code['code'] for code in d['codes'])"
