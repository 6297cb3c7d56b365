# The chart, with Helm alone. `make test-manifests` installs it, too.

.PHONY: test-chart

test-chart: tools-chart ## Test the chart, its alerts and its dashboard
	PYTHONDONTWRITEBYTECODE=1 $(TOOLS)/venv/chart/bin/python -m pytest -c tests/pytest.ini --quiet -p no:cacheprovider tests/chart
