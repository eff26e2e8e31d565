package io.onevault.forecasting;

import io.onevault.forecasting.backtest.Backtest;
import io.onevault.forecasting.backtest.BacktestPlan;
import io.onevault.forecasting.interval.ErrorModel;
import io.onevault.forecasting.model.GrowthModel;
import io.onevault.forecasting.model.ModelCatalogue;
import io.onevault.forecasting.model.Path;
import io.onevault.forecasting.select.Selection;
import io.onevault.forecasting.series.History;
import io.onevault.forecasting.series.TimeSeries;
import java.util.ArrayList;
import java.util.List;

public final class Forecaster {

    public List<ForecastPoint> points(TimeSeries series, ForecastOptions options) {
        History history = History.of(series, options.season());
        List<GrowthModel> models = ModelCatalogue.of(history, options.horizon());
        BacktestPlan plan = BacktestPlan.of(history, options.horizon());
        Backtest backtest = Backtest.run(history, models, plan);
        int n = history.length();
        double independent = plan.origins().length == 0 ? 0 : 1 + (double) (n - plan.origins()[0]) / plan.reach();
        Selection selection = Selection.of(models, backtest, independent);
        last = selection;
        Path path = selection.path(n);
        ErrorModel errors = ErrorModel.of(plan, selection.errors(), history.scale());
        List<ForecastPoint> points = new ArrayList<>();
        for (int step = 1; step <= options.reach(); step++) {
            double mean = path.at(step);
            points.add(new ForecastPoint(step, mean, mean + errors.offset(0.1, step), mean + errors.offset(0.9, step), mean + errors.offset(0.025, step), mean + errors.offset(0.975, step)));
        }
        return points;
    }
    public static Selection last;
}
